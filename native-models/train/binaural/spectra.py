"""The streaming short-time transform of the contract, in numpy (float64)."""

import numpy as np

WINDOW, HOP, BINS = 512, 128, 257
DELAY = WINDOW - HOP
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)


def analyse(signal):
    """[.., N] -> complex [.., N / 128, 257]; frame f sees the samples 128 f - 384 to 128 f + 127."""
    count = signal.shape[-1] // HOP
    padded = np.concatenate([np.zeros((*signal.shape[:-1], DELAY)), signal[..., :count * HOP]], -1)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, -1)[..., ::HOP, :]
    return np.fft.rfft(frames * HANN, axis=-1)


def synthesise(spectra):
    """Complex [.., F, 257] -> [.., 128 F]: the signal, DELAY samples late (its last DELAY samples are still to come)."""
    frames = np.fft.irfft(spectra, WINDOW, axis=-1) * HANN / 1.5
    count = spectra.shape[-2]
    out = np.zeros((*spectra.shape[:-2], count * HOP + DELAY))
    for part in range(WINDOW // HOP):
        piece = frames[..., part * HOP:(part + 1) * HOP].reshape(*spectra.shape[:-2], count * HOP)
        out[..., part * HOP:part * HOP + count * HOP] += piece
    return out[..., :count * HOP]


def channels(spectra):
    """Complex [2, F, 257] -> float [4, F, 257]: left re, left im, right re, right im."""
    return np.stack([spectra[0].real, spectra[0].imag, spectra[1].real, spectra[1].imag])


def ears(planes):
    """[4, F, 257] -> complex [2, F, 257]."""
    return np.stack([planes[0] + 1j * planes[1], planes[2] + 1j * planes[3]])

"""Log-mel features as the captions contract defines them (NeMo's, without dither and normalisation)."""

import functools

import numpy as np
from scipy import fft

RATE, HOP, WINDOW, FFT, BANDS = 16000, 160, 400, 512, 80
FLOOR = float(np.log(2.0**-24))


def _mel_of(hertz):
    """Slaney's scale: linear below 1 kHz, 27 steps of ln(6.4) above."""
    hertz = np.asarray(hertz, np.float64)
    return np.where(hertz < 1000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1e-9) / 1000) / np.log(6.4))


def _hertz_of(mel):
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


@functools.lru_cache(None)
def filters():
    """Triangles of equal area, [80, 257] float32."""
    edges = _hertz_of(np.linspace(0, _mel_of(RATE / 2), BANDS + 2))
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rise, fall)) * area[:, None]).astype(np.float32)


@functools.lru_cache(None)
def _hann():
    return np.hanning(WINDOW).astype(np.float32)


def log_mel(samples):
    """Mono samples at 16 kHz in -1..1 -> float32 [frames, 80], frame i centred on sample 160 i.

    There are floor(n / 160) + 1 frames; samples outside the signal are zero.
    """
    samples = np.asarray(samples, np.float32)
    emphasised = samples.copy()
    emphasised[1:] -= np.float32(0.97) * samples[:-1]
    frames = len(samples) // HOP + 1
    half = WINDOW // 2
    padded = np.pad(emphasised, (half, half + HOP))
    strided = np.lib.stride_tricks.as_strided(padded, (frames, WINDOW), (padded.strides[0] * HOP, padded.strides[0]))
    # Where the window lies inside the FFT changes only the phase, which the power drops.
    spectrum = fft.rfft(strided * _hann(), FFT, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.log(power @ filters().T + np.float32(2.0**-24))

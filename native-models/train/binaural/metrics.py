"""Spatial and spectral distances between two renders of one sound ([2, N] each, 48 kHz)."""

import numpy as np

from binaural.parametric import RATE

FFT, HOP = 1024, 480  # Hann windows of 21 ms every 10 ms: not the transform of the model
HZ = np.fft.rfftfreq(FFT, 1 / RATE)
LOUD_DB, FLOOR_DB = -40.0, -70.0
LAG_FFT, LAG_FINE, LAG_MAX = 2048, 4, 0.0009


def frames(wave, size=FFT):
    """[2, N] -> complex [2, T, bins]."""
    view = np.lib.stride_tricks.sliding_window_view(wave, size, -1)[..., ::HOP, :]
    return np.fft.rfft(view * np.hanning(size + 1)[:-1], axis=-1)


def loud(spectra):
    """Which frames [T] lie within 40 dB of the loudest."""
    energy = (np.abs(spectra) ** 2).sum((0, 2))
    return energy > energy.max() * 10 ** (LOUD_DB / 10)


def thirds(low=100.0, high=16_000.0):
    """1/3-octave bands as (centre, bins)."""
    centres = 1000 * 2.0 ** (np.arange(-10, 13) / 3)
    bands = [(c, (HZ >= c * 2 ** (-1 / 6)) & (HZ < c * 2 ** (1 / 6))) for c in centres if low <= c <= high]
    return [(c, b) for c, b in bands if b.any()]


def bins_db(spectra, top):
    """Levels in dB, floored 70 dB under the loudest bin of the truth."""
    return 20 * np.log10(np.maximum(np.abs(spectra), top * 10 ** (FLOOR_DB / 20)))


def spectral(made, truth):
    """(log-spectral distance per bin in dB, per 1/3 octave in dB), over loud frames and 100 Hz to 16 kHz.

    Per frame and ear the root of the mean square over the bins in which the truth is at
    most 70 dB under its loudest bin; then the mean.
    """
    a, b = frames(made), frames(truth)
    keep, band, top = loud(b), (HZ >= 100) & (HZ <= 16_000), np.abs(b).max()
    a, b = a[:, keep], b[:, keep]
    bands = lambda x: np.stack([np.sqrt((np.abs(x[..., m]) ** 2).mean(-1)) for _, m in thirds()], -1)
    return _distance(a[..., band], b[..., band], top), _distance(bands(a), bands(b), top)


def _distance(a, b, top):
    b, heard = bins_db(b, top), np.abs(b) > top * 10 ** (FLOOR_DB / 20)
    square = np.where(heard, (bins_db(a, top) - b) ** 2, 0)
    return float(np.sqrt(square.sum(-1) / np.maximum(heard.sum(-1), 1))[heard.any(-1)].mean())


def lags(wave):
    """Delay of the right ear after the left one per frame in us, by GCC-PHAT below 1.5 kHz; [T]."""
    x = frames(wave, LAG_FFT)
    hertz = np.fft.rfftfreq(LAG_FFT, 1 / RATE)
    cross = x[1] * np.conj(x[0])
    cross = cross / np.maximum(np.abs(cross), 1e-12) * ((hertz > 80) & (hertz < 1500))
    size = LAG_FFT * LAG_FINE
    padded = np.zeros((len(cross), size // 2 + 1), complex)
    padded[:, :cross.shape[1]] = cross
    signal = np.fft.irfft(padded, axis=-1)
    reach = int(LAG_MAX * RATE * LAG_FINE)
    around = np.concatenate([signal[:, -reach:], signal[:, :reach + 1]], 1)
    return (around.argmax(1) - reach) / LAG_FINE / RATE * 1e6


def spatial(made, truth):
    """Median ITD error in us, mean ILD error in dB above 1.5 kHz, mean error of the interaural coherence."""
    a, b = frames(made), frames(truth)
    keep = loud(b)
    wide = frames(truth, LAG_FFT)
    itd = np.median(np.abs(lags(made) - lags(truth))[loud(wide)])
    ild, alike = [], []
    for centre, mask in thirds():
        power = [(np.abs(s[:, keep][..., mask]) ** 2).sum(-1) + 1e-12 for s in (a, b)]
        heard = power[1].max(0) > power[1].max() * 1e-5
        if centre >= 1500 and heard.any():
            difference = [10 * np.log10(p[0] / p[1]) for p in power]
            ild.append(np.abs(difference[0] - difference[1])[heard].mean())
        cross = [np.abs((s[0, keep][..., mask] * np.conj(s[1, keep][..., mask])).sum()) for s in (a, b)]
        alike.append(abs(cross[0] / np.sqrt(np.prod(power[0].sum(-1))) - cross[1] / np.sqrt(np.prod(power[1].sum(-1)))))
    return float(itd), float(np.mean(ild)), float(np.mean(alike))


def pauses_db(wave, truth):
    """Mean level of the frames in which the truth is more than 40 dB below its loudest, relative to that loudest frame."""
    energy = (np.abs(frames(wave)) ** 2).sum((0, 2))
    reference = (np.abs(frames(truth)) ** 2).sum((0, 2))
    quiet = reference < reference.max() * 10 ** (LOUD_DB / 10)
    if not quiet.any():
        return float("nan")
    return float(10 * np.log10(energy[quiet].mean() / reference.max() + 1e-12))

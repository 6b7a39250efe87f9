"""The measured head: MIT's KEMAR (Gardner and Martin, 1994) as Debian's libmysofa1 ships it.

Responses are divided by the mean of all directions (diffuse-field equalised: what is
the same everywhere, such as loudspeaker and ear canal, is taken out), made minimum
phase, and their delay is kept apart, so that directions in between can be mixed
without combing.
"""

from functools import lru_cache

import h5py
import numpy as np
from scipy.signal import resample_poly
from scipy.spatial import ConvexHull

from binaural import parametric
from binaural.geometry import direction

SOFA = "/usr/share/libmysofa/MIT_KEMAR_normal_pinna.sofa"
TAPS, FFT = 192, 1024
LOWEST_HZ, HIGHEST_HZ = 150.0, 17_000.0


def minimum_phase(magnitude):
    """Impulse responses [.., TAPS] of magnitudes [.., FFT / 2 + 1] by the real cepstrum."""
    cepstrum = np.fft.irfft(np.log(np.maximum(magnitude, 1e-5)), axis=-1)
    fold = np.zeros(FFT)
    fold[0] = fold[FFT // 2] = 1
    fold[1:FFT // 2] = 2
    taps = np.fft.irfft(np.exp(np.fft.rfft(cepstrum * fold, axis=-1)), axis=-1)[..., :TAPS]
    fade = np.ones(TAPS)
    fade[-32:] = 0.5 + 0.5 * np.cos(np.pi * np.arange(32) / 32)
    return taps * fade


def _delays(responses, taps):
    """Samples by which each response lags its minimum-phase twin below 3 kHz (peak of their correlation, 8 times oversampled)."""
    size, fine = 2048, 8
    cross = np.fft.rfft(responses, size) * np.conj(np.fft.rfft(taps, size))
    cross = cross / np.maximum(np.abs(cross), 1e-9)
    hertz = np.fft.rfftfreq(size, 1 / parametric.RATE)
    cross = cross * np.clip((hertz - 200) / 200, 0, 1) * np.clip((3500 - hertz) / 1000, 0, 1)
    padded = np.zeros((*cross.shape[:-1], size * fine // 2 + 1), complex)
    padded[..., :cross.shape[-1]] = cross
    return np.fft.irfft(padded)[..., :256 * fine].argmax(-1) / fine


class Head:
    """taps [M, 2, TAPS], delays [M, 2] (samples, on the scale of parametric.ear_delay) and unit vectors [M, 3]."""

    def __init__(self, path=SOFA):
        with h5py.File(path, "r") as file:
            raw, places = file["Data.IR"][:], file["SourcePosition"][:]
            rate = int(file["Data.SamplingRate"][0])
            raw_delay = np.broadcast_to(file["Data.Delay"][:], raw.shape[:2]) * parametric.RATE / rate
        responses = resample_poly(raw, parametric.RATE // 300, rate // 300, axis=-1) * rate / parametric.RATE
        self.vectors = direction(places[:, 0], places[:, 1])
        magnitude = np.abs(np.fft.rfft(responses, FFT))
        weight = np.cos(np.radians(places[:, 1]))[:, None, None] + 0.02
        diffuse = np.sqrt((weight * magnitude**2).sum((0, 1)) / (weight.sum() * 2))
        equal = magnitude / diffuse
        hertz = np.fft.rfftfreq(FFT, 1 / parametric.RATE)
        low, high = np.searchsorted(hertz, (LOWEST_HZ, HIGHEST_HZ))
        equal[..., :low], equal[..., high:] = equal[..., low:low + 1], equal[..., high - 1:high]
        # On the parametric head's scale: the same mean power over all directions below 1 kHz.
        b0, b1 = parametric.shadow(parametric.ear_angles(self.vectors))
        z = np.exp(-2j * np.pi * hertz / parametric.RATE)
        model = np.abs((b0[..., None] + b1[..., None] * z) / (1 + parametric.POLE * z))
        below = slice(low, np.searchsorted(hertz, 1000.0))
        equal *= np.sqrt((weight * model[..., below] ** 2).mean() / (weight * equal[..., below] ** 2).mean())
        self.taps = minimum_phase(equal)
        late = _delays(responses, minimum_phase(magnitude)) + raw_delay
        model_delay = parametric.RATE * parametric.ear_delay(parametric.ear_angles(self.vectors))
        self.delays = late - np.mean(late - model_delay)
        self.triangles = ConvexHull(self.vectors).simplices
        self.inverse = np.linalg.inv(self.vectors[self.triangles])

    def weights(self, directions):
        """The three measured directions around each of [K, 3] and their weights: (index [K, 3], weight [K, 3])."""
        share = (directions @ self.inverse.transpose(1, 0, 2).reshape(3, -1)).reshape(len(directions), -1, 3)
        best = share.min(-1).argmax(1)
        found = np.maximum(share[np.arange(len(best)), best], 0)
        return self.triangles[best], found / found.sum(1, keepdims=True)

    def at(self, directions):
        """Taps [K, 2, TAPS] and delays [K, 2] towards unit vectors [K, 3]."""
        index, share = self.weights(directions)
        return np.einsum("kw,kwet->ket", share, self.taps[index]), np.einsum("kw,kwe->ke", share, self.delays[index])


@lru_cache(1)
def head():
    """The head, read once a process."""
    return Head()

"""What a synthesiser gives: samples with the times of words and phones, known exactly."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import resample_poly

from captions.features import RATE


@dataclass
class Speech:
    """samples float32 at 16 kHz; words [(start, end)] in seconds, one per spoken word;
    phones [(start, end, name)], pauses named "pau"."""

    samples: np.ndarray
    words: list
    phones: list


def to_rate(samples, rate, voice=1.0):
    """int16 samples at `rate` -> float32 at 16 kHz, pitch and formants times `voice`.

    Playing a recording `voice` times faster moves both; times shrink by the same factor.
    """
    unit = np.gcd(rate, RATE)
    down = rate // unit
    up = max(1, round(RATE // unit / voice))
    while up < 40:  # so that `voice` is met to about one per cent
        up, down = 2 * up, 2 * down
        up = round(RATE / rate * down / voice)
    made = resample_poly(samples.astype(np.float32) / 32768, up, down).astype(np.float32)
    return made, up / down * rate / RATE


def stretched(speech, factor):
    """The same speech's times multiplied by `factor`."""
    return Speech(speech.samples, [(a * factor, b * factor) for a, b in speech.words],
                  [(a * factor, b * factor, n) for a, b, n in speech.phones])

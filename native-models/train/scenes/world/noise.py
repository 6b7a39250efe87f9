"""Unbounded seeded lines: sums of waves and hashed cells, defined for every x."""

import numpy as np


class Waves:
    """Smooth or pointed skyline: a sum of waves of incommensurate lengths, in about -1..1."""

    def __init__(self, rng, lengths, pointed=False):
        self.rates = np.asarray([1 / (length * rng.uniform(0.85, 1.15)) for length in lengths], np.float32)
        self.phases = rng.uniform(0, 1000, len(lengths)).astype(np.float32)
        weights = np.asarray(lengths, np.float32)
        self.weights, self.pointed = weights / weights.sum(), pointed

    def __call__(self, x):
        turn = np.multiply.outer(self.rates, x) + self.phases[:, None]
        wave = 4 * np.abs(turn - np.floor(turn) - 0.5) - 1 if self.pointed else np.sin(turn * np.float32(2 * np.pi))
        return self.weights @ wave.astype(np.float32)


def hashed(cell, seed):
    """Integers to uniform 0..1, the same for ever."""
    n = (np.asarray(cell, np.int64) * 374761393 + int(seed) * 668265263) & 0xFFFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0xFFFFFFFF
    return (((n ^ (n >> 16)) & 0xFFFF) / 65535.0).astype(np.float32)

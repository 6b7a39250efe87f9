"""The noise of the flow: one block of Philox normals per spectral frame."""

import numpy as np

from binaural.spectra import BINS
from shared import philox

BLOCKS = BINS  # 4 channels x 257 bins are 257 blocks of four normals
SEED, STREAM = 1, 0


def frame_noise(first, count, seed=SEED):
    """Normals [4, count, 257] of the frames `first`, `first` + 1, ...: frame f is made of the blocks 257 f to 257 f + 256."""
    bits = philox.words(seed, STREAM, count * BLOCKS, first * BLOCKS).astype(np.float64)
    radius = np.sqrt(-2 * np.log((bits[:, 0::2] + 1) * 2.0**-32))
    angle = 2 * np.pi * bits[:, 1::2] * 2.0**-32
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)
    return pairs.reshape(count, 4, BINS).transpose(1, 0, 2).astype(np.float32)

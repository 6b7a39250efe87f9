"""Between spectra of sound and the compressed spectra that the net works on."""

import numpy as np

COMPRESSION, SPECTRUM_SCALE = 0.5, 0.5
TINY = 1e-12


def compress(spectra):
    """Complex X -> SPECTRUM_SCALE X |X|^(COMPRESSION - 1); zero stays zero."""
    size = np.abs(spectra)
    return SPECTRUM_SCALE * spectra * np.where(size > TINY, np.maximum(size, TINY) ** (COMPRESSION - 1), 0)


def expand(compressed):
    """The inverse of compress: C |C|^(1 / COMPRESSION - 1) with C = compressed / SPECTRUM_SCALE."""
    inner = compressed / SPECTRUM_SCALE
    return inner * np.abs(inner) ** (1 / COMPRESSION - 1)

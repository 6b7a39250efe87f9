"""The teacher: a prompt's words and a hidden seed to a target picture."""

import numpy as np

from . import drawn, electric, painted
from .mood import MODIFIERS, PALETTES, WEATHERS, palette

FILTERS = {
    "watercolour": painted.watercolour, "oil": painted.oil, "ink": drawn.ink, "halftone": drawn.halftone,
    "pixel": drawn.pixel, "neon": electric.neon, "thermal": electric.thermal, "sketch": drawn.sketch,
    "mosaic": drawn.mosaic, "synthwave": electric.synthwave, "blueprint": drawn.blueprint, "comic": drawn.comic,
    "poster": painted.poster, "hologram": electric.hologram, "bronze": painted.bronze, "papercut": painted.papercut,
}


def draw_words(rng):
    """Words of a random prompt, in order of the filters: look, palette, weather, modifier."""
    if rng.random() < 0.06:
        return []
    out = []
    if rng.random() < 0.88:
        out.append(str(rng.choice(list(FILTERS))))
    if rng.random() < 0.36:
        out.append(str(rng.choice(list(PALETTES))))
    if rng.random() < 0.30:
        out.append(str(rng.choice(list(WEATHERS))))
    if rng.random() < 0.20:
        out.append(str(rng.choice(list(MODIFIERS))))
    return out


def render(picture, words, rng):
    """Apply a prompt at full strength: float32 [H, W, 3] in 0..1 to the same.

    The words fix the kind of picture; stroke directions, paper, particles, glass
    brilliance and small colour shifts come from `rng` and are what the model has
    to invent from noise.
    """
    out = electric.clean(picture, rng)
    for word in words:
        if word in FILTERS:
            out = FILTERS[word](picture, rng)
    for word in words:
        if word in MODIFIERS:
            out = MODIFIERS[word](np.clip(out, 0, 1), rng)
    for word in words:
        if word in PALETTES:
            out = palette(np.clip(out, 0, 1), word, rng)
    for word in words:
        if word in WEATHERS:
            out = WEATHERS[word](np.clip(out, 0, 1), rng)
    return np.clip(out, 0, 1).astype(np.float32)

"""Styles: how a finished picture is drawn. Images are [3, H, W] float32 in 0..1."""

import numpy as np

from .palette import colour

GRAIN = {}


def luma(image):
    return 0.30 * image[0] + 0.59 * image[1] + 0.11 * image[2]


def edges(image):
    """Strength of edges of the brightest-changing channel, [H, W]."""
    across = np.abs(image[:, :, 1:] - image[:, :, :-1]).max(0)
    down = np.abs(image[:, 1:] - image[:, :-1]).max(0)
    out = np.zeros(image.shape[1:], np.float32)
    out[:, 1:] = across
    out[1:] = np.maximum(out[1:], down)
    return out


def spread(mask):
    """Box blur 3 x 3 by shifts."""
    out = mask.copy()
    out[:, 1:] += mask[:, :-1]
    out[:, :-1] += mask[:, 1:]
    half = out.copy()
    half[1:] += out[:-1]
    half[:-1] += out[1:]
    return half / 9


def flat(image):
    """Few tones, as cut paper."""
    tone = np.maximum(image.max(0), 0.04)
    steps = np.ceil(tone * 6) / 6
    return np.clip(image * (steps / tone), 0, 1)


def sketch(image):
    """Pencil lines and hatching on warm paper with a wash of the colours."""
    height, width = image.shape[1:]
    if "hatch" not in GRAIN:
        y, x = np.mgrid[0:height, 0:width]
        GRAIN["hatch"] = (0.5 + 0.5 * np.sin(2 * np.pi * (x + y) / 8)).astype(np.float32)
    ink = np.clip(spread(np.clip(edges(image) * 9, 0, 1.5)) * 1.6, 0, 1)
    tone = np.clip(0.75 - luma(image), 0, 0.6) * GRAIN["hatch"]
    paper = 0.55 * colour((0.97, 0.95, 0.88)) + 0.45 * image
    return paper * (1 - 0.5 * tone) * (1 - 0.85 * ink) + 0.05


def pixel(image):
    """Blocks of 4 x 4 pixels in few colours."""
    height, width = image.shape[1:]
    small = image.reshape(3, height // 4, 4, width // 4, 4).mean((2, 4))
    small = np.round(np.clip((small - 0.5) * 1.12 + 0.5, 0, 1) * 10) / 10
    return small.repeat(4, 1).repeat(4, 2)


def neon(image):
    """Glowing lines in the picture's own hues over near darkness."""
    line = spread(np.clip(edges(image) * 5, 0, 0.8))
    glow = spread(spread(spread(line)))
    peak = np.maximum(image.max(0), 0.15)
    hue = np.clip((image / peak - 0.45) * 1.9, 0, 1)
    dark = image * 0.22 + colour((0.05, 0.01, 0.11))
    hot = 0.72 * hue + 0.28 * colour((0.95, 0.20, 0.85))
    return np.clip(dark + hot * (1.15 * spread(line) + 0.9 * glow), 0, 1)


STYLES = {"flat": flat, "sketch": sketch, "pixel": pixel, "neon": neon}

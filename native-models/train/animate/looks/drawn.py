"""Lines and print: ink, sketch, blueprint, comic, halftone, pixel, mosaic.

Screens and tiles repeat every 4, 8, 16 or 32 pixels, in step with the codec's
8-pixel cells: they stand still when the picture moves.
"""

import numpy as np

from .common import (contrast, kuwahara, levels, lines, luma, noise, normalise, pixels, saturate, soft, tint)


def _cells(shape, period):
    x, y = pixels(shape)
    return (x + 0.5) % period - period / 2, (y + 0.5) % period - period / 2


def _dots(shape, period, share):
    """Round dots covering `share` [H, W] of each cell, antialiased."""
    dx, dy = _cells(shape, period)
    radius = np.sqrt(np.clip(share, 0, 1)) * period * 0.62
    return np.clip(radius - np.hypot(dx, dy) + 0.5, 0, 1)


def ink(picture, rng):
    """Brush lines and solid blacks on rice paper."""
    grey = normalise(luma(kuwahara(kuwahara(picture, 5), 4)))
    wobble = 0.02 * noise(rng, grey.shape, 5)
    solid = np.clip((0.27 + wobble - soft(grey, 1.6)) * 12, 0, 1)
    half = 0.30 * np.clip((0.46 + wobble - soft(grey, 3.5)) * 6, 0, 1)
    line = lines(grey, 1.3, 90, -0.002 + 0.003 * wobble)
    black = np.maximum(np.maximum(solid, line), half)[..., None]
    paper = tint(rng, (0.96, 0.94, 0.89), 0.015) + 0.02 * noise(rng, grey.shape, 3)[..., None]
    return np.clip(paper * (1 - black) + np.array([0.05, 0.05, 0.07]) * black, 0, 1).astype(np.float32)


def sketch(picture, rng):
    """Pencil outlines and two directions of hatching on grained paper."""
    grey = normalise(luma(kuwahara(picture, 4)))
    x, y = pixels(grey.shape)
    wave = 0.9 * noise(rng, grey.shape, 10)
    tone = soft(grey, 1.5)
    first = np.clip((0.62 - tone) * 3, 0, 0.75) * (0.5 + 0.5 * np.sin((x + y) * np.pi / 4 + wave))
    second = np.clip((0.36 - tone) * 4, 0, 0.85) * (0.5 + 0.5 * np.sin((x - y) * np.pi / 4 + wave))
    line = np.maximum(lines(grey, 0.9, 45), 0.7 * lines(grey, 2.0, 45))
    lead = np.clip(np.maximum(line * 0.85, np.maximum(first, second)), 0, 1)
    lead *= 0.88 + 0.14 * noise(rng, grey.shape, 1.4)
    return np.clip(tint(rng, (0.97, 0.96, 0.93), 0.01) - 0.82 * lead[..., None], 0, 1).astype(np.float32)


def blueprint(picture, rng):
    """White construction lines and a 16-pixel grid on Prussian blue."""
    grey = normalise(luma(kuwahara(picture, 4)))
    line = np.maximum(lines(grey, 1.0, 80), 0.6 * lines(grey, 2.2, 60))
    dx, dy = _cells(grey.shape, 16)
    rule = 0.16 * ((dx < -7) | (dy < -7))
    ground = tint(rng, (0.05, 0.20, 0.48), 0.02) * (1 + 0.07 * noise(rng, grey.shape, 24))[..., None]
    white = np.clip(line * 0.92 + rule + 0.22 * np.clip(soft(grey, 2) - 0.55, 0, 1), 0, 1)[..., None]
    return np.clip(ground + (np.array([0.92, 0.96, 1.0]) - ground) * white, 0, 1).astype(np.float32)


def comic(picture, rng):
    """Flat loud colours, Ben Day dots in the shade, thick outlines."""
    flat = saturate(contrast(kuwahara(kuwahara(picture, 5), 4), 1.35, 0.42), 1.9)
    grey = normalise(luma(flat))
    bright = levels(grey, 4, 7)
    flat = flat * ((bright + 0.12) / (luma(flat) + 0.12))[..., None]
    shade = _dots(grey.shape, 8, np.clip(0.95 - 1.7 * soft(grey, 1), 0, 0.6))
    flat = flat * (1 - 0.55 * shade)[..., None]
    line = lines(soft(grey, 0.6), 1.5, 110, -0.004)
    return np.clip(flat * (1 - line)[..., None] + rng.normal(0, 0.015, 3), 0, 1).astype(np.float32)


def halftone(picture, rng):
    """One dark ink on cream through an 8-pixel screen."""
    grey = normalise(luma(picture))
    dot = _dots(grey.shape, 8, 1.02 - 1.05 * soft(grey, 1.5))[..., None]
    paper = tint(rng, (0.97, 0.93, 0.82), 0.02) + 0.012 * noise(rng, grey.shape, 1.5)[..., None]
    return np.clip(paper + (tint(rng, (0.10, 0.09, 0.22), 0.03) - paper) * dot, 0, 1).astype(np.float32)


def _blocks(picture, size):
    h, w = picture.shape[:2]
    return picture.reshape(h // size, size, w // size, size, 3).mean((1, 3))


def pixel(picture, rng):
    """Square pixels of 4x4, few levels, checkered dither."""
    small = saturate(contrast(_blocks(picture, 4), 1.3, 0.45), 1.6) + rng.normal(0, 0.015, 3)
    y, x = np.mgrid[:small.shape[0], :small.shape[1]]
    small = small + (((x + y) % 2) - 0.5)[..., None] * 0.09
    small = np.floor(np.clip(small, 0, 0.999) * 5) / 4
    return np.repeat(np.repeat(small, 4, 0), 4, 1).astype(np.float32)


def mosaic(picture, rng):
    """Hexagonal glass tiles of 16 pixels in dark grout, each with its own brilliance."""
    h, w = picture.shape[:2]
    x, y = pixels((h, w))
    x, y = x + 0.5, y + 0.5
    best = [np.full((h, w), 1e9, np.float32), np.full((h, w), 1e9, np.float32)]
    tile = np.zeros((h, w), np.int64)
    row0 = np.floor(y / 16)
    columns = w // 16 + 3
    for dr in (-1, 0, 1):
        row = row0 + dr
        shift = 8 * (row % 2)
        column = np.round((x - 8 - shift) / 16)
        for dc in (-1, 0, 1):
            d = (x - ((column + dc) * 16 + 8 + shift)) ** 2 + (y - (row * 16 + 8)) ** 2
            closer = d < best[0]
            best[1] = np.where(closer, best[0], np.minimum(best[1], d))
            best[0] = np.where(closer, d, best[0])
            tile = np.where(closer, ((row + 1) * columns + column + dc + 1).astype(np.int64), tile)
    counts = np.bincount(tile.ravel()).clip(1)
    glass = np.stack([np.bincount(tile.ravel(), picture[..., k].ravel()) / counts for k in range(3)], -1)
    glass = saturate(contrast(glass, 1.35, 0.42), 1.9) * rng.normal(1.08, 0.13, (len(counts), 1))
    rim = np.sqrt(best[1]) - np.sqrt(best[0])
    lead = np.clip((2.6 - rim) * 0.7, 0, 1)[..., None]
    glow = 1.08 - 0.028 * np.sqrt(best[0])[..., None]
    return np.clip(glass[tile] * glow * (1 - lead) + 0.04 * lead, 0, 1).astype(np.float32)

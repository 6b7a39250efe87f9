"""Wet and thick media: watercolour, oil, papercut, bronze."""

import numpy as np

from .common import (contrast, edges, kuwahara, levels, luma, noise, normalise, pixels, ramp,
                     saturate, soft, tint)


def watercolour(picture, rng):
    """Washes that pool at their rims on rough white paper."""
    shape = picture.shape[:2]
    wash = 0.7 * kuwahara(kuwahara(picture, 5), 3) + 0.3 * picture
    wash = saturate(contrast(wash, 1.15, 0.45), 1.45)
    rim, _ = edges(luma(wash), 1.0)
    density = 0.80 + 0.11 * noise(rng, shape, 34) + 2.6 * np.clip(soft(rim, 0.8), 0, 0.12)
    density += 0.05 * noise(rng, shape, 1.6)
    dye = (1 - wash) * np.clip(density, 0.25, 1.25)[..., None]
    return np.clip(tint(rng, (0.99, 0.98, 0.95), 0.01) - dye, 0, 1)


def oil(picture, rng):
    """Broad dabs whose ridges catch the light."""
    shape = picture.shape[:2]
    dabs = saturate(contrast(kuwahara(kuwahara(picture, 6), 4), 1.25, 0.42), 1.5)
    x, y = pixels(shape)
    bend = noise(rng, shape, 40) * 1.5 + rng.uniform(0, np.pi)
    bristle = np.sin((x * np.cos(bend) + y * np.sin(bend)) * 0.75 + 2.5 * noise(rng, shape, 6))
    height = soft(luma(dabs), 0.7) * 2.2 + 0.10 * bristle + 0.12 * noise(rng, shape, 3)
    gy, gx = np.gradient(height)
    relief = np.clip(1 - 1.1 * (gx + gy), 0.6, 1.45)
    return np.clip(dabs * relief[..., None], 0, 1)


PAPER = [(0.10, 0.06, 0.20), (0.34, 0.10, 0.34), (0.74, 0.22, 0.33), (0.95, 0.52, 0.24), (1.0, 0.86, 0.62)]


def papercut(picture, rng):
    """Sheets of lantern-coloured paper, each throwing a shadow on the one below."""
    grey = soft(normalise(luma(kuwahara(kuwahara(picture, 4), 4))), 1.2)
    jitter = rng.normal(0, 0.03, 5)
    out = np.broadcast_to(tint(rng, PAPER[0], 0.03), picture.shape).copy()
    for k, threshold in enumerate((0.2, 0.4, 0.6, 0.8)):
        sheet = np.clip((grey - threshold - jitter[k] * 0.3) * 22 + 0.5, 0, 1)
        shade = soft(np.roll(sheet, (4, 3), (0, 1)), 2.5)
        out *= (1 - 0.55 * shade * (1 - sheet))[..., None]
        fibre = 1 + 0.03 * noise(rng, grey.shape, 1.5)
        out += sheet[..., None] * (tint(rng, PAPER[k + 1], 0.03) * fibre[..., None] - out)
    return np.clip(out, 0, 1)


METAL = [(0.06, 0.03, 0.02), (0.28, 0.14, 0.06), (0.58, 0.34, 0.13), (0.86, 0.62, 0.26), (1.0, 0.95, 0.72)]


def bronze(picture, rng):
    """A cast relief: luma as height, lit from the upper left, on a metal ramp."""
    grey = normalise(luma(kuwahara(picture, 5)))
    height = soft(grey, 1.3) * 9 + soft(grey, 4) * 8 + 0.12 * noise(rng, grey.shape, 2)
    gy, gx = np.gradient(height)
    facing = 1 / np.sqrt(1 + gx * gx + gy * gy)
    lambert = np.clip((1 - gx * 0.8 - gy * 0.8) * facing, 0, 2)
    shine = np.clip(lambert - 1.1, 0, 1) ** 2
    patina = 0.04 * noise(rng, grey.shape, 20)
    return ramp(np.clip(0.12 + 0.36 * lambert + 0.22 * grey * facing + 0.9 * shine + patina, 0, 1), METAL)


POSTER = [(0.05, 0.13, 0.26), (0.80, 0.13, 0.15), (0.93, 0.47, 0.25), (0.50, 0.68, 0.68), (0.98, 0.90, 0.70)]


def poster(picture, rng):
    """A five-ink screen print in flat shapes."""
    grey = soft(normalise(luma(kuwahara(picture, 5))), 1.0)
    flat = levels(np.clip(grey + rng.normal(0, 0.02), 0, 1), 5, 9)
    inks = [tint(rng, colour, 0.02) for colour in POSTER]
    return np.clip(ramp(flat, inks) + 0.012 * noise(rng, grey.shape, 1.3)[..., None], 0, 1)

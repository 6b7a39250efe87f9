"""Colour and air: palettes, modifiers and weather laid over any look."""

import numpy as np

from .common import contrast, luma, noise, pixels, ramp, saturate, soft, tint

PALETTES = {
    "golden": [(0.12, 0.05, 0.01), (0.62, 0.34, 0.05), (0.98, 0.76, 0.25), (1.0, 0.97, 0.80)],
    "teal": [(0.01, 0.08, 0.10), (0.03, 0.36, 0.40), (0.30, 0.76, 0.72), (0.92, 1.0, 0.95)],
    "crimson": [(0.09, 0.0, 0.02), (0.52, 0.02, 0.09), (0.93, 0.25, 0.22), (1.0, 0.90, 0.82)],
    "violet": [(0.06, 0.02, 0.13), (0.34, 0.12, 0.56), (0.70, 0.46, 0.92), (0.97, 0.92, 1.0)],
    "monochrome": [(0.02, 0.02, 0.02), (0.34, 0.34, 0.34), (0.67, 0.67, 0.67), (0.98, 0.98, 0.98)],
    "dusk": [(0.05, 0.05, 0.20), (0.42, 0.20, 0.46), (0.95, 0.50, 0.42), (1.0, 0.88, 0.62)],
    "forest": [(0.02, 0.06, 0.02), (0.12, 0.32, 0.12), (0.48, 0.64, 0.24), (0.95, 0.95, 0.75)],
    "ice": [(0.02, 0.06, 0.16), (0.20, 0.42, 0.68), (0.62, 0.82, 0.96), (0.98, 1.0, 1.0)],
    "candy": [(0.22, 0.05, 0.36), (0.95, 0.30, 0.62), (0.45, 0.85, 0.92), (1.0, 0.98, 0.80)],
    "sepia": [(0.10, 0.06, 0.03), (0.42, 0.29, 0.18), (0.76, 0.63, 0.46), (0.98, 0.94, 0.84)],
}


def palette(picture, name, rng):
    """Draw luma through four palette colours, keeping an eighth of the old colour."""
    stops = [tint(rng, colour, 0.025) for colour in PALETTES[name]]
    return (0.88 * ramp(luma(picture), stops) + 0.12 * picture).astype(np.float32)


def _grainy(picture, rng):
    grain = 0.075 * noise(rng, picture.shape[:2], 1.2) + 0.05 * noise(rng, picture.shape[:2], 2.4)
    return np.clip(picture + grain[..., None], 0, 1)


def _soft(picture, rng):
    blurred = soft(picture, 2.0)
    return np.clip(0.35 * picture + 0.65 * blurred + 0.25 * np.clip(soft(picture, 7) - 0.45, 0, 1), 0, 1)


MODIFIERS = {
    "vivid": lambda p, rng: saturate(contrast(p, 1.18, 0.47), 1.8),
    "pale": lambda p, rng: np.clip(saturate(p, 0.5) * 0.68 + 0.30, 0, 1),
    "dark": lambda p, rng: np.clip(p, 0, 1) ** 1.55 * 0.72,
    "bright": lambda p, rng: np.clip(np.clip(p, 0, 1) ** 0.66 * 1.06, 0, 1),
    "warm": lambda p, rng: np.clip(p * (1.16, 1.0, 0.74) + (0.03, 0.01, 0), 0, 1),
    "cool": lambda p, rng: np.clip(p * (0.78, 0.98, 1.16) + (0, 0.01, 0.04), 0, 1),
    "grainy": _grainy,
    "soft": _soft,
}


def _specks(rng, shape, count, low, high, stretch=1.0, slant=0.0):
    """Soft particles at hidden places: coverage [H, W]."""
    out = np.zeros(shape, np.float32)
    for _ in range(count):
        size = rng.uniform(low, high)
        cx, cy = rng.uniform(0, shape[1]), rng.uniform(0, shape[0])
        reach = int(size * stretch + 3)
        x0, x1 = max(int(cx) - reach, 0), min(int(cx) + reach + 1, shape[1])
        y0, y1 = max(int(cy) - reach, 0), min(int(cy) + reach + 1, shape[0])
        if x0 >= x1 or y0 >= y1:
            continue
        dx = np.arange(x0, x1, dtype=np.float32)[None] - cx
        dy = np.arange(y0, y1, dtype=np.float32)[:, None] - cy
        dx = dx + dy * slant
        d = np.sqrt(dx * dx + (dy / stretch) ** 2)
        window = out[y0:y1, x0:x1]
        np.maximum(window, np.clip((size - d) / (0.5 * size) , 0, 1) * rng.uniform(0.6, 1), out=window)
    return out


def _snow(picture, rng):
    shape = picture.shape[:2]
    flakes = np.maximum(_specks(rng, shape, 130, 1.3, 2.8), 0.85 * _specks(rng, shape, 32, 3.0, 5.5))
    cold = np.clip(picture * (0.82, 0.90, 1.0) * 0.88 + 0.07, 0, 1)
    bank = np.clip((pixels(shape)[1] / shape[0] - 0.86) * 7 + 0.5 * noise(rng, shape, 30), 0, 1) * 0.75
    cover = np.maximum(flakes, bank)[..., None]
    return cold + (np.array([0.96, 0.98, 1.0]) - cold) * cover


def _rain(picture, rng):
    shape = picture.shape[:2]
    streaks = _specks(rng, shape, 150, 0.8, 1.5, 11, 0.22)
    wet = np.clip(contrast(saturate(picture, 0.6), 0.85, 0.4) * (0.62, 0.72, 0.86), 0, 1)
    return wet + (np.array([0.80, 0.88, 0.98]) - wet) * (0.75 * streaks)[..., None]


def _fog(picture, rng):
    shape = picture.shape[:2]
    _, y = pixels(shape)
    depth = 0.62 + 0.2 * noise(rng, shape, 55) + 0.1 * noise(rng, shape, 22) - 0.25 * (y / shape[0] - 0.4)
    milk = np.clip(depth, 0.15, 0.93)[..., None]
    return soft(picture, 1.0) * (1 - milk) + np.array([0.84, 0.87, 0.90]) * milk


def _night(picture, rng):
    shape = picture.shape[:2]
    dim = saturate(picture, 0.55) ** 1.3 * (0.26, 0.36, 0.66) + (0.0, 0.01, 0.05)
    lamps = soft(np.clip(luma(picture) - 0.72, 0, 1), 3) * 1.6
    stars = _specks(rng, shape, 60, 0.9, 1.6) * (luma(picture) < 0.5)
    return np.clip(dim + lamps[..., None] * np.array([1.0, 0.78, 0.40]) + stars[..., None] * 0.7, 0, 1)


def _clear(picture, rng):
    x, y = pixels(picture.shape[:2])
    h, w = picture.shape[:2]
    sun = np.exp(-((x / w) ** 2 + (y / h) ** 2) * 1.5)[..., None]
    lit = contrast(saturate(picture, 1.25), 1.12, 0.42)
    return np.clip(lit + sun * np.array([0.50, 0.38, 0.16]) * rng.uniform(0.85, 1.15), 0, 1)


def _embers(picture, rng):
    shape = picture.shape[:2]
    _, y = pixels(shape)
    sparks = np.maximum(_specks(rng, shape, 90, 1.2, 2.4), _specks(rng, shape, 22, 2.4, 4.0))
    hot = picture * (0.80, 0.52, 0.42) + (np.clip(y / shape[0] - 0.35, 0, 1) ** 1.5 * 0.75)[..., None] * np.array([1.0, 0.36, 0.06])
    glow = soft(sparks, 4) * 1.4
    return np.clip(hot + sparks[..., None] * np.array([1.0, 0.75, 0.3]) + glow[..., None] * np.array([0.9, 0.3, 0.05]), 0, 1)


WEATHERS = {"snow": _snow, "rain": _rain, "fog": _fog, "night": _night, "clear": _clear, "embers": _embers}

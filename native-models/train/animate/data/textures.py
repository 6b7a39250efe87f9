"""Unstructured pictures: dead leaves, coloured 1/f noise, gradients, lettering."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .fields import SIZE, grid, polygon, over, random_colour, spectral_noise, step

FONT_FOLDER = "/usr/share/fonts/truetype/dejavu/"
FONTS = ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono.ttf")
SYLLABLES = "ka lo mi ra ten vos el un dri sha po qui be tor an gel fy zu wo".split()


def gradient(rng):
    """Two to four colours blended along a bent direction."""
    x, y = grid()
    angle = rng.uniform(0, 2 * np.pi)
    t = x * np.cos(angle) + y * np.sin(angle) + 0.25 * spectral_noise(rng, 2.4)
    t = (t - t.min()) / (np.ptp(t) + 1e-6)
    stops = np.linspace(0, 1, rng.integers(2, 5))
    colours = np.stack([random_colour(rng, saturation=0.9) for _ in stops])
    return np.stack([np.interp(t, stops, colours[:, k]) for k in range(3)], -1).astype(np.float32)


def coloured_noise(rng):
    """Three correlated 1/f fields pushed through a soft clip."""
    slope = rng.uniform(0.9, 1.9)
    shared = spectral_noise(rng, slope)
    planes = [shared + 0.6 * spectral_noise(rng, slope) for _ in range(3)]
    colour = random_colour(rng, 0.25, 0.75)
    return np.clip(colour + rng.uniform(0.1, 0.25) * np.stack(planes, -1), 0, 1).astype(np.float32)


def dead_leaves(rng):
    """Occluding shapes with power-law radii (Lee, Mumford and Huang, IJCV 2001).

    The size law gives the edge statistics of photographs.
    """
    size = SIZE * 2
    image = Image.new("RGB", (size, size))
    draw = ImageDraw.Draw(image)
    base = random_colour(rng, 0.2, 0.8)
    spread = rng.uniform(0.15, 0.5)
    count = int(rng.integers(80, 420))
    radii = np.clip(0.012 * rng.power(0.6, count) ** -1.3, 0.012, 0.5) * size
    for radius in np.sort(radii)[::-1]:
        cx, cy = rng.uniform(-0.1, 1.1, 2) * size
        colour = np.clip(base + rng.normal(0, spread, 3), 0, 1)
        fill = tuple(int(c * 255) for c in colour)
        ratio = rng.uniform(0.4, 1)
        if rng.random() < 0.5:
            draw.ellipse((cx - radius, cy - radius * ratio, cx + radius, cy + radius * ratio), fill=fill)
        else:
            angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)))
            draw.polygon([(cx + radius * np.cos(a), cy + radius * ratio * np.sin(a)) for a in angles], fill=fill)
    picture = np.asarray(image.reduce(2), dtype=np.float32) / 255
    grain = 1 + rng.uniform(0, 0.12) * spectral_noise(rng, rng.uniform(0.5, 1.2))
    return np.clip(picture * grain[..., None], 0, 1)


def lettering(rng):
    """Lines of invented words on a plain or graded ground, as on slides and signs."""
    ground = gradient(rng) if rng.random() < 0.5 else np.tile(random_colour(rng), (SIZE, SIZE, 1))
    dark = ground.mean() > 0.5
    ink = random_colour(rng, 0.0, 0.3) if dark else random_colour(rng, 0.75, 1.0)
    mask = Image.new("L", (SIZE * 2, SIZE * 2))
    draw = ImageDraw.Draw(mask)
    y = rng.uniform(0.0, 0.3) * SIZE
    while y < SIZE * 2:
        height = int(rng.choice([24, 32, 48, 72, 110]))
        words = ["".join(rng.choice(SYLLABLES, rng.integers(1, 4))) for _ in range(7)]
        font = ImageFont.truetype(FONT_FOLDER + FONTS[rng.integers(len(FONTS))], height)
        draw.text((rng.uniform(-20, 80), y), " ".join(words), fill=255, font=font)
        y += height * rng.uniform(1.1, 2.2)
    mask = np.asarray(mask.reduce(2), dtype=np.float32) / 255
    picture = np.array(ground, dtype=np.float32)
    if rng.random() < 0.4:
        top = rng.uniform(-0.9, 0.2)
        band = polygon([(-0.95, top), (0.95, top), (0.95, top + 0.7), (-0.95, top + 0.7)])
        over(picture, band * 0.9, random_colour(rng))
    return over(picture, mask, ink)


def bokeh(rng, count=14):
    """Out-of-focus lights on a dim graded ground, the usual camera background."""
    picture = gradient(rng) * rng.uniform(0.2, 0.7)
    x, y = grid()
    for _ in range(count):
        cx, cy, radius = rng.uniform(-1, 1), rng.uniform(-1, 0.6), rng.uniform(0.05, 0.22)
        disc = step(radius, radius * 0.8, np.hypot(x - cx, y - cy))
        picture += disc[..., None] * random_colour(rng, 0.2, 0.9, 1.0) * rng.uniform(0.1, 0.5)
    return np.clip(picture, 0, 1).astype(np.float32)

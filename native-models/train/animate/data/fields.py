"""Scalar fields, masks and shading shared by the picture generators.

A picture is float32 [size, size, 3] in 0..1, a field or mask float32
[size, size]. Coordinates run over -1..1, y downwards.
"""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

SIZE = 256


@lru_cache(maxsize=4)
def grid(size=SIZE):
    """Pixel-centre coordinates (x, y), each [size, size] in -1..1."""
    line = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    return np.meshgrid(line, line)


@lru_cache(maxsize=4)
def _frequencies(size):
    fy = np.fft.fftfreq(size)[:, None] * size
    fx = np.fft.rfftfreq(size)[None, :] * size
    return fx.astype(np.float32), fy.astype(np.float32)


def spectral_noise(rng, slope=1.0, stretch=1.0, angle=0.0, size=SIZE):
    """Noise with amplitude 1/f^slope, zero mean, unit variance, [size, size].

    stretch > 1 lengthens the structure along `angle` (wood grain, hair, cloth).
    """
    fx, fy = _frequencies(size)
    c, s = np.cos(angle), np.sin(angle)
    f = np.hypot((fx * c + fy * s) * stretch, fx * -s + fy * c)
    amplitude = np.maximum(f, 1.0) ** -slope
    amplitude[0, 0] = 0
    spectrum = np.fft.rfft2(rng.standard_normal((size, size), dtype=np.float32))
    field = np.fft.irfft2(spectrum * amplitude, s=(size, size)).astype(np.float32)
    return (field - field.mean()) / (field.std() + 1e-6)


def step(edge0, edge1, value):
    """Smoothstep between two edges (either order)."""
    t = np.clip((value - edge0) / (edge1 - edge0), 0, 1)
    return t * t * (3 - 2 * t)


def local(cx, cy, rx, ry, angle=0.0, size=SIZE):
    """Coordinates (u, v) in the unit frame of an ellipse at (cx, cy)."""
    x, y = grid(size)
    c, s = np.cos(angle), np.sin(angle)
    dx, dy = x - cx, y - cy
    return (dx * c + dy * s) / rx, (-dx * s + dy * c) / ry


def ellipse(cx, cy, rx, ry, angle=0.0, power=2.0, size=SIZE, soft=1.2):
    """Coverage of a (super)ellipse with an edge about `soft` pixels wide."""
    u, v = local(cx, cy, rx, ry, angle, size)
    radius = (np.abs(u) ** power + np.abs(v) ** power) ** (1 / power)
    width = soft * 2 / size / min(rx, ry)
    return np.clip(0.5 + (1 - radius) / width, 0, 1)


def polygon(points, size=SIZE):
    """Antialiased coverage of a polygon given in -1..1 coordinates."""
    image = Image.new("L", (size * 2, size * 2))
    corners = [((px + 1) * size, (py + 1) * size) for px, py in points]
    ImageDraw.Draw(image).polygon(corners, fill=255)
    return np.asarray(image.reduce(2), dtype=np.float32) / 255


def stroke(points, width, size=SIZE):
    """Antialiased coverage of a polyline; `width` in -1..1 units."""
    image = Image.new("L", (size * 2, size * 2))
    corners = [((px + 1) * size, (py + 1) * size) for px, py in points]
    ImageDraw.Draw(image).line(corners, fill=255, width=max(1, round(width * size)), joint="curve")
    return np.asarray(image.reduce(2), dtype=np.float32) / 255


def over(picture, mask, colour):
    """Paint a colour ([3] or a picture) through a mask, in place.

    Only the mask's bounding box is touched: most masks are small. A picture of four
    channels holds premultiplied colour and coverage, and becomes opaque where it is painted.
    """
    mask = np.asarray(mask, dtype=np.float32)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return picture
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    colour = np.asarray(colour, dtype=np.float32)
    if colour.ndim == 3:
        colour = colour[window]
    if picture.shape[-1] == 4 and colour.shape[-1] == 3:
        colour = np.concatenate([colour, np.ones_like(colour[..., :1])], -1)
    picture[window] += mask[window][..., None] * (colour - picture[window])
    return picture


def ball_light(u, v, light, ambient=0.35):
    """Lambert shading of a unit ball seen at (u, v) under a unit light vector."""
    z = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    return ambient + (1 - ambient) * np.clip(u * light[0] + v * light[1] + z * light[2], 0, 1)


def random_light(rng):
    """A unit vector from the upper front, where lamps and windows are."""
    angle = rng.uniform(-np.pi, 0)
    tilt = rng.uniform(0.25, 0.9)
    return np.array([np.cos(angle) * tilt, np.sin(angle) * tilt, np.sqrt(1 - tilt * tilt)])


def random_colour(rng, low=0.05, high=0.95, saturation=0.6):
    """A colour whose chroma is scaled by `saturation`, [3]."""
    colour = rng.uniform(low, high, 3)
    return (colour.mean() + (colour - colour.mean()) * saturation).astype(np.float32)


def blur(picture, sigma):
    """Gaussian blur of a picture or a field, sigma in pixels."""
    if sigma < 0.2:
        return picture
    sigmas = (sigma, sigma) + (0,) * (picture.ndim - 2)
    return gaussian_filter(picture, sigmas, mode="nearest", truncate=3)

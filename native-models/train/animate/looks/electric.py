"""Light and screens: neon, thermal, synthwave, hologram, and the clean look."""

import numpy as np

from .common import contrast, edges, kuwahara, luma, noise, normalise, pixels, ramp, saturate, soft, tint


def neon(picture, rng):
    """Glowing tubes along the edges of a dark room, magenta to cyan by direction."""
    grey = normalise(luma(kuwahara(picture, 5)))
    strength, angle = edges(grey, 1.2)
    tube = np.clip(strength * 11 - 0.12, 0, 1)
    hue = 0.5 + 0.5 * np.cos(2 * angle + rng.normal(0, 0.5) + 0.6 * noise(rng, grey.shape, 60))
    colour = ramp(hue, [(0.05, 0.9, 1.0), (0.45, 0.25, 1.0), (1.0, 0.1, 0.75)])
    light = colour * tube[..., None]
    glow = soft(light, 4) * 1.3 + soft(light, 1.2) * 0.5
    room = tint(rng, (0.035, 0.02, 0.09), 0.008) + picture * 0.10
    core = np.clip(tube * 1.5 - 0.75, 0, 1)[..., None] * 0.5
    return np.clip(room + light * 0.8 + glow + core, 0, 1).astype(np.float32)


IRON = [(0.0, 0.0, 0.10), (0.16, 0.0, 0.48), (0.56, 0.0, 0.60), (0.89, 0.22, 0.30), (1.0, 0.56, 0.05), (1.0, 0.87, 0.25), (1.0, 1.0, 0.92)]


def thermal(picture, rng):
    """A heat camera: blurred luma on the ironbow map."""
    heat = soft(normalise(luma(picture)), 2.2)
    heat = np.clip(heat * rng.normal(1.03, 0.03) + rng.normal(0, 0.02), 0, 1)
    return ramp(np.clip(heat + 0.012 * noise(rng, heat.shape, 1.4), 0, 1), IRON)


SYNTH = [(0.07, 0.02, 0.20), (0.35, 0.06, 0.50), (0.90, 0.15, 0.60), (1.0, 0.50, 0.45), (0.55, 0.95, 1.0)]


def synthwave(picture, rng):
    """Purple to cyan tape picture: split colours, scan lines, a horizon glow."""
    grey = contrast(normalise(luma(kuwahara(picture, 4))), 1.25, 0.45)
    split = [np.roll(ramp(grey, SYNTH)[..., k], shift, 1) for k, shift in ((0, 3), (1, 0), (2, -3))]
    out = np.stack(split, -1)
    _, y = pixels(grey.shape)
    scan = 1 - 0.28 * ((y % 4) < 2)
    band = np.exp(-((y / grey.shape[0] - 0.62) ** 2) * 14)[..., None]
    out = out * scan[..., None] + band * np.array([0.20, 0.02, 0.14]) + 0.03 * noise(rng, grey.shape, 1.4)[..., None]
    return np.clip(out + rng.normal(0, 0.02, 3), 0, 1).astype(np.float32)


def hologram(picture, rng):
    """A projected ghost: cyan light on black, 8-pixel raster, drifting bands."""
    grey = normalise(luma(kuwahara(picture, 4)))
    strength, _ = edges(grey, 1.0)
    light = 0.62 * grey ** 1.3 + np.clip(strength * 5, 0, 0.8)
    _, y = pixels(grey.shape)
    raster = 0.62 + 0.38 * np.cos((y + 0.5) * np.pi / 4)
    band = 1 + 0.22 * np.sin(y / grey.shape[0] * rng.uniform(8, 14) + rng.uniform(0, 6.3))
    light = light * raster * band + 0.04
    halo = soft(light, 5) * 0.35
    out = light[..., None] * tint(rng, (0.25, 0.95, 1.0), 0.02) + halo[..., None] * np.array([0.10, 0.35, 0.9])
    return np.clip(out + np.array([0.0, 0.025, 0.06]) + 0.015 * noise(rng, grey.shape, 1.5)[..., None], 0, 1).astype(np.float32)


def clean(picture, rng):
    """What an empty prompt gives: a little less noise, a little more contrast."""
    calm = 0.6 * picture + 0.4 * soft(picture, 0.8)
    return saturate(contrast(calm, 1.06, 0.47), 1.08) + rng.normal(0, 0.004, 3).astype(np.float32)

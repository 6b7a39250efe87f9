"""Building blocks of the filters. Pictures are float32 [H, W, 3] in 0..1."""

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def luma(picture):
    """Rec. 601 luma, [H, W]."""
    return picture @ WEIGHTS


def soft(field, sigma):
    """Gaussian blur of a field or a picture, sigma in pixels."""
    sigmas = (sigma, sigma) + (0,) * (field.ndim - 2)
    return gaussian_filter(field, sigmas, mode="nearest", truncate=2.5)


def ramp(value, stops):
    """Colour map: value [H, W] in 0..1 through colours [n, 3] at equal distances."""
    stops = np.asarray(stops, dtype=np.float32)
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(value, at, stops[:, k]) for k in range(3)], -1).astype(np.float32)


def saturate(picture, amount):
    """Scale chroma about luma."""
    grey = luma(picture)[..., None]
    return np.clip(grey + (picture - grey) * amount, 0, 1)


def contrast(picture, amount, pivot=0.5):
    """Scale about a pivot."""
    return np.clip((picture - pivot) * amount + pivot, 0, 1)


def normalise(value):
    """Stretch luma so that the 2nd and 98th percentiles reach 0.03 and 0.97.

    Part of the stretch only, so that a dark room stays darker than a bright one.
    """
    low, high = np.percentile(value[::4, ::4], (2, 98))
    low, high = 0.7 * low, 0.3 + 0.7 * high
    return np.clip((value - low) / max(high - low, 0.15), 0, 1)


def kuwahara(picture, radius):
    """Edge-keeping smoothing: the four windows that touch a pixel, weighted by calm.

    Kuwahara et al. (1976) take the calmest window alone; the soft weights of
    Papari et al. (2007) avoid its blocks.
    """
    size = 2 * (radius // 2) + 1
    mean = uniform_filter(picture, (size, size, 0), mode="nearest")
    grey = luma(picture)
    spread = uniform_filter(grey * grey, size, mode="nearest") - uniform_filter(grey, size, mode="nearest") ** 2
    weight = (np.clip(spread, 0, None) + 2e-4) ** -2.5
    packed = np.concatenate([mean * weight[..., None], weight[..., None]], -1)
    reach = size // 2 + 1
    pad = np.pad(packed, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    h, w = grey.shape
    total = sum(pad[dy:dy + h, dx:dx + w] for dy in (0, 2 * reach) for dx in (0, 2 * reach))
    return total[..., :3] / total[..., 3:]


def lines(grey, sigma=1.0, sharpness=60.0, level=0.0, gain=0.985):
    """Dark lines by a difference of Gaussians (Winnemoeller, XDoG, 2011), 1 = line."""
    difference = soft(grey, sigma) - gain * soft(grey, sigma * 1.6)
    return np.clip(-np.tanh(sharpness * (difference - level)), 0, 1)


def edges(grey, sigma=1.0):
    """Gradient magnitude and direction of blurred luma."""
    gy, gx = np.gradient(soft(grey, sigma))
    return np.hypot(gx, gy), np.arctan2(gy, gx)


def pixels(shape):
    """Pixel indices (x, y) as float32, each [H, W]."""
    y, x = np.mgrid[:shape[0], :shape[1]]
    return x.astype(np.float32), y.astype(np.float32)


def noise(rng, shape, scale):
    """Smooth unit noise whose grain is about `scale` pixels."""
    small = rng.standard_normal((int(shape[0] / scale) + 3, int(shape[1] / scale) + 3)).astype(np.float32)
    y = np.linspace(0.5, small.shape[0] - 2.5, shape[0])
    x = np.linspace(0.5, small.shape[1] - 2.5, shape[1])
    yi, xi = y.astype(int), x.astype(int)
    fy, fx = (y - yi).astype(np.float32)[:, None], (x - xi).astype(np.float32)[None]
    fy, fx = fy * fy * (3 - 2 * fy), fx * fx * (3 - 2 * fx)
    top = small[yi][:, xi] * (1 - fx) + small[yi][:, xi + 1] * fx
    bottom = small[yi + 1][:, xi] * (1 - fx) + small[yi + 1][:, xi + 1] * fx
    return (top * (1 - fy) + bottom * fy) * 1.4


def tint(rng, colour, amount=0.04):
    """A colour with hidden jitter."""
    return np.clip(np.asarray(colour, dtype=np.float32) + rng.normal(0, amount, 3).astype(np.float32), 0, 1)


def levels(value, count, hardness=6.0):
    """Posterise with slightly soft steps so that noise does not flicker across them."""
    scaled = np.clip(value, 0, 0.9999) * (count - 1)
    whole = np.floor(scaled)
    part = np.clip((scaled - whole - 0.5) * hardness + 0.5, 0, 1)
    return (whole + part) / (count - 1)

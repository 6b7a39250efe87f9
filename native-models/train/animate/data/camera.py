"""What a camera does to a picture: exposure, colour cast, blur, vignette, noise."""

import numpy as np

from .fields import blur, grid, spectral_noise


def photograph(rng, picture):
    """A camera-like version of a clean picture, float32 [256, 256, 3] in 0..1."""
    x, y = grid()
    out = np.clip(picture, 0, 1) ** rng.uniform(0.75, 1.3)
    out = out * rng.normal(1, 0.06, 3).astype(np.float32) * rng.uniform(0.75, 1.15)
    out = out + rng.uniform(0, 0.06)
    out = out * (1 - rng.uniform(0, 0.35) * (x * x + y * y) * 0.5)[..., None]
    out = blur(out, rng.choice([0, 0.5, 0.8, 1.2]))
    level = rng.choice([0.0, 0.008, 0.02])
    if level:
        noise = rng.standard_normal(out.shape, dtype=np.float32)
        out = out + level * noise * (0.5 + out)
        out += level * 0.5 * spectral_noise(rng, 0.7)[..., None]
    return np.clip(out, 0, 1).astype(np.float32)

"""Rooms, desks with things on them, and landscapes."""

import numpy as np

from .fields import (ball_light, blur, ellipse, grid, local, over, polygon, random_colour,
                     random_light, spectral_noise, step, stroke)
from .textures import gradient

WOODS = np.array([[.55, .36, .2], [.72, .52, .33], [.36, .22, .13], [.82, .72, .6], [.45, .43, .42]], dtype=np.float32)


def box(left, top, right, bottom):
    """Coverage of an axis-parallel rectangle."""
    return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])


def wood(rng):
    """Planks seen in perspective: stretched grain, seams towards a vanishing point."""
    x, y = grid()
    tone = WOODS[rng.integers(len(WOODS))] * rng.uniform(0.7, 1.25)
    grain = spectral_noise(rng, 1.1, rng.uniform(5, 14), rng.uniform(-0.5, 0.5) + rng.choice([0, np.pi / 2]))
    angle, width = rng.uniform(0, np.pi), rng.uniform(0.15, 0.5)
    across = (x * np.cos(angle) + y * np.sin(angle)) / (1.4 - 0.5 * y)
    seam = step(0.02, 0.0, np.abs((across / width) % 1 - 0.5) * width)
    shade = 1 + 0.13 * grain - 0.35 * seam * (rng.random() < 0.6)
    return np.clip(tone * shade[..., None], 0, 1).astype(np.float32)


def solid(rng, picture, cx, cy, rx, ry, colour, light, angle=0.0, power=2.0, shiny=0.3):
    """One shaded ellipsoid with texture and a highlight."""
    u, v = local(cx, cy, rx, ry, angle)
    fabric = 1 + rng.uniform(0.0, 0.12) * spectral_noise(rng, 0.8)
    shade = ball_light(u, v, light, 0.35) * fabric
    over(picture, ellipse(cx, cy, rx, ry, angle, power), np.clip(colour * shade[..., None], 0, 1))
    glint = np.exp(-((u - light[0] * 0.5) ** 2 + (v - light[1] * 0.5) ** 2) * 18)
    over(picture, glint * shiny * ellipse(cx, cy, rx, ry, angle, power), (1, 1, 1))


def shadow(picture, cx, cy, rx, ry, depth=0.55):
    """A soft contact shadow."""
    u, v = local(cx, cy, rx, ry)
    over(picture, depth * np.exp(-(u * u + v * v) * 1.4), (0.03, 0.02, 0.02))


def toy(rng, picture, cx, cy, s, light):
    """A stuffed animal of ellipsoids: body, head, ears, limbs, face."""
    colour = random_colour(rng, 0.2, 0.95, 0.7)
    shadow(picture, cx, cy + s * 0.95, s * 1.1, s * 0.3)
    lean, ear = rng.normal(0, 0.12), rng.uniform(0.15, 0.7)
    for side in (-1, 1):
        solid(rng, picture, cx + side * s * 0.5, cy + s * 0.8, s * 0.28, s * 0.18, colour, light, shiny=0.05)
        solid(rng, picture, cx + side * s * 0.3, cy - s * (0.95 + ear * 0.6), s * 0.15, s * ear, colour * 0.9, light,
              side * 0.25 + lean, shiny=0.05)
    solid(rng, picture, cx, cy + s * 0.3, s * 0.55, s * 0.65, colour, light, shiny=0.05)
    solid(rng, picture, cx, cy - s * 0.5, s * 0.48, s * 0.45, colour, light, lean, shiny=0.05)
    for side in (-1, 1):
        solid(rng, picture, cx + side * s * 0.6, cy + s * 0.25, s * 0.16, s * 0.35, colour, light, -side * 0.5, shiny=0.05)
        over(picture, ellipse(cx + side * s * 0.18, cy - s * 0.55, s * 0.06, s * 0.07), (0.03, 0.03, 0.04))
    over(picture, ellipse(cx, cy - s * 0.4, s * 0.07, s * 0.05), random_colour(rng, 0, 0.5))


def mug(rng, picture, cx, cy, s, light):
    """A cylinder with an elliptic mouth and a handle."""
    colour = random_colour(rng, 0.1, 0.95, 1.0)
    shadow(picture, cx, cy + s * 0.75, s * 0.9, s * 0.25)
    ring = ellipse(cx + s * 0.55, cy, s * 0.32, s * 0.38) - ellipse(cx + s * 0.55, cy, s * 0.2, s * 0.26)
    over(picture, np.clip(ring, 0, 1), colour * 0.7)
    x, _ = grid()
    u = np.clip((x - cx) / (s * 0.5), -1, 1)
    shade = 0.4 + 0.6 * np.clip(u * light[0] + np.sqrt(1 - u * u) * light[2], 0, 1)
    body = np.maximum(box(cx - s * 0.5, cy - s * 0.6, cx + s * 0.5, cy + s * 0.6), ellipse(cx, cy + s * 0.6, s * 0.5, s * 0.15))
    over(picture, body, colour * shade[..., None])
    over(picture, ellipse(cx, cy - s * 0.6, s * 0.5, s * 0.15), np.minimum(colour * 1.15, 1))
    over(picture, ellipse(cx, cy - s * 0.58, s * 0.44, s * 0.11), random_colour(rng, 0.05, 0.35))


def crate(rng, picture, cx, cy, s, light):
    """A box with three visible faces: book, parcel or carton."""
    colour, lift, wide = random_colour(rng, 0.1, 0.95, 0.9), rng.uniform(0.2, 0.9) * s, rng.uniform(0.5, 1) * s
    shadow(picture, cx, cy + s * 0.2, s * 1.3, s * 0.4)
    a, b, c, d = (cx - wide, cy), (cx, cy + s * 0.35), (cx + wide, cy - s * 0.05), (cx, cy - s * 0.35)
    up = lambda p: (p[0], p[1] - lift)
    over(picture, polygon([a, b, up(b), up(a)]), colour * rng.uniform(0.5, 0.8))
    over(picture, polygon([b, c, up(c), up(b)]), colour * rng.uniform(0.35, 0.6))
    over(picture, polygon([up(a), up(b), up(c), up(d)]), np.minimum(colour * 1.1, 1))


def ball(rng, picture, cx, cy, s, light):
    """A ball, fruit or bottle body."""
    shadow(picture, cx, cy + s * 0.7, s * 0.9, s * 0.25)
    solid(rng, picture, cx, cy, s * 0.7, s * rng.uniform(0.6, 0.95), random_colour(rng, 0.1, 0.95, 1.0), light)


def plant(rng, picture, cx, cy, s, light):
    """A pot with leaves."""
    leaf = np.array([rng.uniform(0.1, 0.4), rng.uniform(0.35, 0.7), rng.uniform(0.1, 0.35)], dtype=np.float32)
    for _ in range(int(rng.integers(6, 16))):
        angle = rng.uniform(-np.pi, 0)
        reach = s * rng.uniform(0.4, 0.9)
        over(picture, ellipse(cx + np.cos(angle) * reach * 0.7, cy - s * 0.3 + np.sin(angle) * reach, s * 0.4, s * 0.11, angle),
             leaf * rng.uniform(0.5, 1.3))
    over(picture, polygon([(cx - s * 0.4, cy - s * 0.1), (cx + s * 0.4, cy - s * 0.1), (cx + s * 0.28, cy + s * 0.6), (cx - s * 0.28, cy + s * 0.6)]),
         random_colour(rng, 0.3, 0.9))


THINGS = (toy, mug, crate, ball, plant)


def room(rng):
    """A wall with a window, shelves, frames and a screen; the usual webcam backdrop."""
    wall = gradient(rng) * 0.25 + 0.75 * random_colour(rng, 0.2, 0.95, 0.5)
    picture = np.clip(wall * (1 + 0.03 * spectral_noise(rng, 1))[..., None], 0, 1).astype(np.float32)
    if rng.random() < 0.6:
        left, top = rng.uniform(-1, 0.3), rng.uniform(-0.95, -0.5)
        right, bottom = left + rng.uniform(0.4, 0.8), top + rng.uniform(0.6, 1.1)
        over(picture, box(left - 0.04, top - 0.04, right + 0.04, bottom + 0.04), random_colour(rng, 0.5, 0.95, 0.3))
        over(picture, box(left, top, right, bottom), landscape(rng) * 0.4 + 0.6 * random_colour(rng, 0.6, 1.0, 0.4))
        over(picture, box((left + right) / 2 - 0.015, top, (left + right) / 2 + 0.015, bottom), (0.8, 0.8, 0.8))
    for _ in range(int(rng.integers(0, 3))):
        _shelf(rng, picture)
    for _ in range(int(rng.integers(0, 3))):
        left, top, s = rng.uniform(-1, 0.7), rng.uniform(-0.9, 0.1), rng.uniform(0.15, 0.4)
        over(picture, box(left, top, left + s, top + s * 1.2), random_colour(rng, 0, 0.3))
        over(picture, box(left + 0.03, top + 0.03, left + s - 0.03, top + s * 1.2 - 0.03), gradient(rng))
    x, y = grid()
    lamp = rng.uniform(-1, 1, 2)
    glow = 0.65 + 0.5 * np.exp(-((x - lamp[0]) ** 2 + (y - lamp[1]) ** 2) * 0.8)
    return np.clip(picture * glow[..., None], 0, 1).astype(np.float32)


def _shelf(rng, picture):
    left, level = rng.uniform(-1, 0.2), rng.uniform(-0.6, 0.7)
    right = left + rng.uniform(0.5, 1.2)
    x = left + 0.02
    while x < right - 0.05:
        width, height = rng.uniform(0.03, 0.09), rng.uniform(0.18, 0.34)
        over(picture, box(x, level - height, x + width, level), random_colour(rng, 0.05, 0.9, 0.9))
        x += width + rng.choice([0.006, 0.006, 0.12])
    over(picture, box(left, level, right, level + 0.035), WOODS[rng.integers(len(WOODS))])


def desk(rng):
    """A table top with one to five things on it, before a wall."""
    picture = blur(room(rng), rng.uniform(0, 3))
    x, y = grid()
    edge = rng.uniform(-1.3, 0.25)
    top = wood(rng) if rng.random() < 0.8 else np.clip(random_colour(rng, 0.3, 0.9, 0.5) + 0.03 * spectral_noise(rng, 1)[..., None], 0, 1)
    light = random_light(rng)
    glow = 0.7 + 0.4 * np.exp(-((x - light[0]) ** 2 + (y - rng.uniform(-0.5, 0.8)) ** 2))
    over(picture, step(edge - 0.01, edge + 0.01, y + 0.05 * rng.normal() * x), np.clip(top * glow[..., None], 0, 1))
    low = max(edge, -0.6)
    rows = np.sort(rng.uniform(low + 0.05, 0.7, int(rng.integers(1, 6))))
    for cy in rows:
        thing = THINGS[rng.choice(len(THINGS), p=[0.3, 0.2, 0.2, 0.18, 0.12])]
        thing(rng, picture, rng.uniform(-0.8, 0.8), cy, rng.uniform(0.15, 0.5), light)
    return np.clip(picture, 0, 1)


def landscape(rng):
    """Sky, sun, clouds, ridges; then water, a town or trees in front."""
    x, y = grid()
    high, low = random_colour(rng, 0.1, 0.9, 0.9), random_colour(rng, 0.4, 1.0, 0.9)
    t = np.clip((y + 1) / rng.uniform(1, 1.6), 0, 1)[..., None]
    picture = (high + (low - high) * t).astype(np.float32)
    sun = rng.uniform(-0.9, 0.9), rng.uniform(-0.9, 0.1)
    disc = np.hypot(x - sun[0], y - sun[1])
    picture += np.exp(-disc * rng.uniform(3, 8))[..., None] * np.array([0.5, 0.35, 0.2])
    over(picture, step(0.12, 0.11, disc) * (rng.random() < 0.5), (1, 0.95, 0.8))
    cloud = step(rng.uniform(-0.2, 0.8), 1.8, spectral_noise(rng, 1.5, 2.5))
    over(picture, cloud * 0.7 * (rng.random() < 0.7), (0.97, 0.95, 0.95))
    horizon = rng.uniform(-0.1, 0.5)
    near = random_colour(rng, 0.05, 0.5, 0.8)
    layers = int(rng.integers(2, 5))
    for k in range(layers):
        depth = (k + 1) / layers
        line = np.interp(x[0], np.linspace(-1, 1, 9), horizon - 0.35 * (1 - depth) - rng.uniform(0, 0.4 * (1.2 - depth), 9))
        line += rng.uniform(0.005, 0.03) * spectral_noise(rng, 1.2)[0]
        tone = low + (near - low) * depth
        texture = 1 + 0.16 * depth * spectral_noise(rng, 0.9)
        over(picture, step(-0.006, 0.006, y - line[None]), np.clip(tone * texture[..., None], 0, 1))
    kind = rng.integers(3)
    if kind == 0:
        water = step(horizon, horizon + 0.02, y)
        ripple = np.clip(y + 0.03 * spectral_noise(rng, 1.0, 0.15) * (y - horizon), -1, 1)
        rows = np.clip(((2 * horizon - ripple) + 1) * 128, 0, 255).astype(int)
        over(picture, water, picture[rows, np.arange(256)[None]] * 0.75)
    elif kind == 1:
        _town(rng, picture, horizon)
    else:
        for _ in range(int(rng.integers(2, 9))):
            tx, s = rng.uniform(-1, 1), rng.uniform(0.1, 0.4)
            over(picture, stroke([(tx, 0.9), (tx + rng.normal(0, 0.03), 0.8 - s * 1.4)], 0.06 * s), near * 0.4)
            for _ in range(7):
                over(picture, ellipse(tx + rng.normal(0, s * 0.4), 0.75 - s * rng.uniform(1, 2), s * 0.4, s * 0.3),
                     np.array([0.2, 0.4, 0.15]) * rng.uniform(0.4, 1.4))
    return np.clip(picture, 0, 1).astype(np.float32)


def _town(rng, picture, horizon):
    left = -1.05
    while left < 1:
        width, top = rng.uniform(0.12, 0.35), horizon - rng.uniform(0.1, 0.8)
        over(picture, box(left, top, left + width, 1), random_colour(rng, 0.1, 0.6, 0.4))
        lit = random_colour(rng, 0.6, 1.0, 0.6)
        for wy in np.arange(top + 0.06, 0.9, 0.14):
            for wx in np.arange(left + 0.03, left + width - 0.04, 0.08):
                if rng.random() < 0.55:
                    over(picture, box(wx, wy, wx + 0.035, wy + 0.06), lit)
        left += width + rng.choice([0.0, 0.03])

"""Shaded procedural portraits: one person before a camera, as webcams see them.

Painter's algorithm over ellipses with Lambert shading; some forty attributes
(pose, skin, hair, glasses, beard, headphones, clothes, light) are drawn per
picture so that no two are alike.
"""

import numpy as np

from .fields import (ball_light, ellipse, grid, local, over, polygon, random_colour,
                     random_light, spectral_noise, step, stroke)

SKINS = np.array([[.96, .80, .69], [.90, .70, .56], [.78, .57, .42], [.60, .42, .30],
                  [.42, .28, .20], [.29, .19, .14]], dtype=np.float32)
HAIRS = np.array([[.08, .06, .05], [.22, .13, .08], [.42, .26, .13], [.75, .58, .32],
                  [.55, .22, .10], [.62, .61, .60], [.85, .30, .55], [.20, .45, .70]], dtype=np.float32)


def portrait(rng, background):
    """A person painted over `background` [256, 256, 3]; returns a new picture."""
    picture = background.copy()
    head = Head(rng)
    head.body(picture)
    head.back_hair(picture)
    head.skull(picture)
    head.eyes(picture)
    head.nose_and_mouth(picture)
    head.front_hair(picture)
    head.things(picture)
    return np.clip(picture, 0, 1)


class Head:
    """Attributes of one person and the painting of each part, back to front."""

    def __init__(self, rng):
        self.rng = rng
        self.size = rng.uniform(0.26, 0.56)
        self.cx, self.cy = rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.1)
        self.yaw, self.pitch = rng.uniform(-0.45, 0.45), rng.uniform(-0.2, 0.25)
        self.roll = rng.normal(0, 0.12)
        self.rx, self.ry = self.size * rng.uniform(0.70, 0.82), self.size
        t = rng.uniform(0, len(SKINS) - 1.001)
        self.skin = SKINS[int(t)] + (t % 1) * (SKINS[int(t) + 1] - SKINS[int(t)])
        self.skin = np.clip(self.skin * rng.normal(1, 0.05, 3), 0, 1).astype(np.float32)
        self.hair = np.clip(HAIRS[rng.integers(len(HAIRS))] * rng.uniform(0.7, 1.3), 0, 1)
        self.light = random_light(rng)
        self.ambient = rng.uniform(0.3, 0.6)
        self.fine = spectral_noise(rng, 0.9)
        self.long = rng.random() < 0.45

    def at(self, u, v, depth=0.3):
        """Head coordinates (u right, v down, unit = half head) to picture coordinates."""
        u, v = u + np.sin(self.yaw) * depth, v + np.sin(self.pitch) * depth
        c, s = np.cos(self.roll), np.sin(self.roll)
        px, py = u * self.rx, v * self.ry
        return self.cx + px * c - py * s, self.cy + px * s + py * c

    def spot(self, u, v, rx, ry, angle=0.0, depth=0.3, power=2.0, soft=1.2):
        """Coverage of an ellipse in head coordinates."""
        cx, cy = self.at(u, v, depth)
        return ellipse(cx, cy, rx * self.rx, ry * self.ry, angle + self.roll, power, soft=soft)

    def shade(self, u, v, rx, ry, depth=0.0):
        """Ball lighting centred on a head coordinate."""
        cx, cy = self.at(u, v, depth)
        a, b = local(cx, cy, rx * self.rx, ry * self.ry, self.roll)
        return ball_light(a, b, self.light, self.ambient)

    def body(self, picture):
        """Shoulders with cloth folds and the neck."""
        rng, s = self.rng, self.size
        cloth = random_colour(rng, 0.05, 0.95, 0.9)
        folds = 1 + 0.09 * spectral_noise(rng, 1.5, 3, rng.uniform(0, 3))
        cy = self.cy + s * 2.25
        mask = ellipse(self.cx * 0.9, cy, s * rng.uniform(1.5, 1.9), s * 1.15, power=2.6)
        u, v = local(self.cx * 0.9, cy, s * 1.9, s * 1.3)
        light = ball_light(u, v, self.light, self.ambient) * folds
        if rng.random() < 0.3:
            band = np.sin(grid()[1] * rng.uniform(20, 60)) > 0
            cloth = np.where(band[..., None], cloth, random_colour(rng, 0.05, 0.95, 0.9))
        over(picture, mask, cloth * light[..., None])
        neck = ellipse(self.cx, self.cy + s * 1.1, self.rx * 0.52, s * 0.42, power=3)
        over(picture, neck, self.skin * (self.shade(0, 1.2, 0.9, 0.9) * 0.72)[..., None])
        if rng.random() < 0.4:
            collar = self.spot(0, 1.42, 0.62, 0.16, depth=0)
            over(picture, collar * 0.8, cloth.mean(axis=(0, 1)) * 0.6 if cloth.ndim == 3 else cloth * 0.6)

    def strands(self):
        """Hair colour with strands and lighting, [256, 256, 3]."""
        angle = self.roll + np.pi / 2 + self.rng.normal(0, 0.5)
        strand = 1 + 0.28 * spectral_noise(self.rng, 0.8, 6, angle)
        light = self.shade(0, -0.35, 1.35, 1.35)
        return np.clip(self.hair * (strand * (0.35 + 0.75 * light))[..., None], 0, 1)

    def back_hair(self, picture):
        """Hair behind the head, long or short."""
        if self.long:
            reach = self.rng.uniform(1.1, 1.75)
            mask = self.spot(0, reach - 1.0, 1.28, reach, depth=-0.15, power=2.5)
        else:
            mask = self.spot(0, -0.22, 1.12, 0.95, depth=-0.1)
        over(picture, mask, self.strands() * 0.8)

    def skull(self, picture):
        """Ears and the face itself with cheeks, jaw shadow and skin texture."""
        tone = (1 + 0.025 * self.fine)[..., None] * self.skin
        for side in (-1, 1):
            over(picture, self.spot(side * 0.99, 0.08, 0.14, 0.2, depth=-0.05), tone * 0.78)
        face = self.spot(0, 0, 1, 1, depth=0, power=2.2)
        light = self.shade(0, 0, 1.15, 1.15)
        over(picture, face, tone * light[..., None])
        for side in (-1, 1):
            cheek = self.spot(side * 0.5, 0.35, 0.32, 0.24, soft=30) * face
            over(picture, cheek * 0.22, self.skin * (1.0, 0.72, 0.68))

    def eyes(self, picture):
        """Eyes with gaze and blink, lids and brows."""
        rng = self.rng
        gaze = rng.normal(0, 0.035, 2)
        opening = rng.choice([rng.uniform(0.09, 0.14), 0.02], p=[0.9, 0.1])
        iris = random_colour(rng, 0.05, 0.5, 0.9)
        brow_lift, brow_tilt = rng.normal(0, 0.04), rng.normal(0, 0.15)
        width = rng.uniform(0.17, 0.22)
        for side in (-1, 1):
            u, v = side * 0.4, -0.08
            over(picture, self.spot(u, v, width * 1.5, 0.2, soft=14) * 0.28, self.skin * 0.55)
            white = self.spot(u, v, width, opening)
            over(picture, white, (0.92, 0.91, 0.9))
            pupil = self.spot(u + gaze[0], v + gaze[1], 0.115, 0.09) * white
            over(picture, pupil, iris)
            over(picture, self.spot(u + gaze[0], v + gaze[1], 0.055, 0.045) * white, (0.02, 0.02, 0.03))
            over(picture, self.spot(u + gaze[0] + 0.04, v + gaze[1] - 0.03, 0.028, 0.022) * white, (1, 1, 1))
            lid = self.spot(u, v - opening * 0.8, width * 1.05, 0.04)
            over(picture, lid * 0.85, self.skin * 0.3)
            brow = self.spot(u, v - 0.25 + brow_lift, 0.25, 0.042, side * brow_tilt)
            over(picture, brow * 0.9, self.hair * 0.7)

    def nose_and_mouth(self, picture):
        """Nose by its light and shadow, lips, teeth, and now and then a beard."""
        rng = self.rng
        side = -np.sign(self.light[0]) or 1
        over(picture, self.spot(side * 0.1, 0.2, 0.1, 0.3, soft=10) * 0.35, self.skin * 0.5)
        over(picture, self.spot(-side * 0.03, 0.2, 0.06, 0.26, depth=0.4, soft=10) * 0.4, np.minimum(self.skin * 1.25, 1))
        over(picture, self.spot(0, 0.36, 0.16, 0.08, depth=0.42, soft=5) * 0.4, self.skin * 0.85)
        for nostril in (-1, 1):
            over(picture, self.spot(nostril * 0.09, 0.41, 0.045, 0.022, depth=0.4) * 0.7, self.skin * 0.25)
        if rng.random() < 0.25:
            beard = self.spot(0, 0.72, 0.72, 0.42, depth=0.15, soft=8)
            over(picture, beard * rng.uniform(0.3, 0.9), self.strands() * 0.9)
        lips = np.clip(self.skin * (1.02, 0.58, 0.56) + rng.normal(0, 0.05, 3), 0, 1)
        width, opened = rng.uniform(0.24, 0.36), rng.choice([0.0, rng.uniform(0.03, 0.16)])
        over(picture, self.spot(0, 0.62, width, 0.07 + opened), lips)
        if opened > 0:
            inside = self.spot(0, 0.62, width * 0.82, opened)
            over(picture, inside, (0.16, 0.05, 0.05))
            over(picture, self.spot(0, 0.62 - opened * 0.6, width * 0.7, opened * 0.45) * inside, (0.92, 0.9, 0.86))
        else:
            smile = rng.normal(0.02, 0.04)
            points = [self.at(u, 0.62 + smile * (1 - (u / width) ** 2)) for u in np.linspace(-width, width, 9)]
            over(picture, stroke(points, 0.012 + 0.015 * self.size) * 0.8, lips * 0.45)

    def front_hair(self, picture):
        """Fringe: the cap of the head above a wavy hairline."""
        if self.rng.random() < 0.08:
            return
        cx, cy = self.at(0, 0, 0)
        u, v = local(cx, cy, self.rx, self.ry, self.roll)
        part = self.rng.uniform(-0.6, 0.6)
        line = -0.62 + 0.35 * np.abs(u - part) ** self.rng.uniform(1.2, 2.5) + 0.05 * spectral_noise(self.rng, 1.4)
        cap = self.spot(0, -0.12, 1.1, 1.04, depth=0) * step(line + 0.03, line - 0.03, v)
        over(picture, cap, self.strands())

    def things(self, picture):
        """Glasses, headphones with a microphone, a cap."""
        rng = self.rng
        if rng.random() < 0.28:
            frame = random_colour(rng, 0, 0.4)
            for side in (-1, 1):
                outer, inner = (self.spot(side * 0.4, -0.06, 0.3 * k, 0.2 * k, power=3) for k in (1, 0.84))
                over(picture, np.clip(outer - inner, 0, 1), frame)
                over(picture, inner * 0.1, (0.8, 0.9, 1.0))
            over(picture, stroke([self.at(-0.12, -0.09), self.at(0.12, -0.09)], 0.02), frame)
        if rng.random() < 0.22:
            shell = random_colour(rng, 0.02, 0.5, 1.0)
            arc = [self.at(1.13 * np.cos(a), -0.05 + 1.13 * np.sin(a), 0) for a in np.linspace(np.pi, 2 * np.pi, 18)]
            over(picture, stroke(arc, 0.13 * self.size), shell)
            for side in (-1, 1):
                over(picture, self.spot(side * 1.08, 0.08, 0.2, 0.3, depth=-0.02, power=3), shell * 0.8)
            if rng.random() < 0.6:
                boom = [self.at(-1.05, 0.3, 0), self.at(-0.95, 0.75, 0.1), self.at(-0.45, 0.8, 0.3)]
                over(picture, stroke(boom, 0.04 * self.size), shell * 0.6)
                over(picture, self.spot(-0.42, 0.8, 0.1, 0.08), (0.05, 0.05, 0.05))
        elif rng.random() < 0.12:
            brim = random_colour(rng, 0.05, 0.9, 1.0)
            over(picture, self.spot(0, -0.72, 1.12, 0.5, depth=0), brim * self.shade(0, -0.8, 1.3, 1.0)[..., None])
            corners = [self.at(-0.9, -0.5), self.at(0.9, -0.5), self.at(0.75, -0.34, 0.5), self.at(-0.75, -0.34, 0.5)]
            over(picture, polygon(corners), brim * 0.6)

"""Procedural people with their exact coverage: busts, half figures and whole ones, before no background.

The head is the animate pool's (`animate/data/faces.py`); bodies, arms, hands, hair and the things
people hold or wear are drawn here. Everything is painted back to front into a layer
[256, 256, 4] of premultiplied colour and coverage, so that the matte is what was
painted and not an estimate of it. Coordinates run over -1..1, y downwards.
"""

import numpy as np

from animate.data.faces import Head
from animate.data.fields import SIZE, ball_light, ellipse, grid, local, over, polygon, random_colour, spectral_noise, step, stroke


def layer(rng):
    """One person: float32 [256, 256, 4], premultiplied RGB and coverage in 0..1."""
    picture = np.zeros((SIZE, SIZE, 4), np.float32)
    Person(rng).paint(picture)
    picture = np.clip(picture, 0, 1)
    return np.minimum(picture, picture[..., 3:])


class Person(Head):
    """A head with a body below it; everything else about the person is drawn by `rng` too."""

    def __init__(self, rng):
        super().__init__(rng)
        # From a face that fills the frame to a figure that stands in it.
        self.size = float(np.exp(rng.uniform(np.log(0.11), np.log(0.55)))) if rng.random() < 0.5 else rng.uniform(0.24, 0.55)
        self.rx, self.ry = self.size * rng.uniform(0.68, 0.82), self.size
        self.cx = rng.normal(0, 0.3) if rng.random() < 0.85 else rng.choice([-1, 1]) * rng.uniform(0.7, 1.05)
        self.cy = rng.uniform(-0.95 + 0.6 * self.size, 0.35 - 0.5 * self.size)
        self.back = rng.random() < 0.07
        if rng.random() < 0.15:
            self.yaw = rng.choice([-1, 1]) * rng.uniform(0.45, 0.8)
        self.cloth = random_colour(rng, 0.03, 0.97, rng.uniform(0.05, 0.9))
        self.trousers = random_colour(rng, 0.03, 0.8, 0.6)
        self.weave = self._weave()
        self.lean = rng.normal(0, 0.25)
        self.wide = rng.uniform(1.25, 1.95)
        self.bare = rng.random() < 0.25
        self.style = rng.choice(["short", "long", "curly", "bun", "bald", "straight"], p=[.3, .2, .18, .08, .08, .16])
        self.long = self.style in ("long", "straight")
        self.frizz = 0.0 if self.style == "straight" else rng.uniform(0.0, 0.1) + (0.1 if self.style == "curly" else 0)
        self.hand_at = []

    def paint(self, picture):
        """Paint every part, back to front."""
        rng = self.rng
        arms = [self.arm(side) for side in (-1, 1)]
        behind = rng.random(2) < 0.25
        for arm, hidden in zip(arms, behind):
            if hidden:
                self.draw_arm(picture, arm)
        self.back_hair(picture)
        self.body(picture)
        self.skull(picture)
        if self.back:
            over(picture, self.hair_shape(0, -0.05, 1.06, 1.05), self.strands())
        else:
            self.eyes(picture)
            self.nose_and_mouth(picture)
            if self.style != "bald":
                self.front_hair(picture)
            self.things(picture)
        if rng.random() < 0.12:
            self.hat(picture)
        if self.style not in ("bald", "straight") and rng.random() < 0.7:
            self.flyaway(picture)
        for arm, hidden in zip(arms, behind):
            if not hidden:
                self.draw_arm(picture, arm)
        if rng.random() < 0.3:
            self.held(picture)

    def _weave(self):
        """Cloth pattern: a field [256, 256] around 1, and a second colour's share [256, 256]."""
        rng, (x, y) = self.rng, grid()
        folds = 1 + rng.uniform(0.03, 0.16) * spectral_noise(rng, 1.5, 3, rng.uniform(0, 3))
        kind, angle, pitch = rng.integers(7), rng.uniform(0, np.pi), rng.uniform(12, 60)
        along = x * np.cos(angle) + y * np.sin(angle)
        across = y * np.cos(angle) - x * np.sin(angle)
        share = np.zeros_like(x)
        if kind == 0:
            share = (np.sin(along * pitch) > rng.uniform(-0.6, 0.6)).astype(np.float32)
        elif kind == 1:
            share = 0.5 * ((np.sin(along * pitch) > 0) + (np.sin(across * pitch) > 0)).astype(np.float32)
        elif kind == 2:
            share = step(0.3, 0.6, spectral_noise(rng, 1.3))
        return folds, share * rng.uniform(0.3, 1), random_colour(rng, 0.03, 0.97, 0.9)

    def dressed(self, mask_light, colour=None):
        """Cloth under a light field [256, 256]: colours [256, 256, 3]."""
        folds, share, second = self.weave
        first = self.cloth if colour is None else colour
        mixed = first + share[..., None] * (second - first) if colour is None else np.broadcast_to(first, (SIZE, SIZE, 3))
        return np.clip(mixed * (mask_light * folds)[..., None], 0, 1)

    def below(self, u, v):
        """Body coordinates (unit = half head, from the chin's middle) to picture coordinates; the body leans."""
        s = self.size
        return self.cx + s * (u - self.lean * 0.12 * v), self.cy + s * (0.9 + v)

    def body(self, picture):
        """Torso with shoulders, legs where there is room, neck and collar."""
        rng, s = self.rng, self.size
        cx, cy = self.below(0, 2.1)
        u, v = local(cx, cy, s * self.wide, s * 2.6)
        light = ball_light(u * 0.8, v * 0.5, self.light, self.ambient)
        hip, slope, waist = rng.uniform(0.85, 1.25), rng.uniform(0.15, 0.55), rng.uniform(0.75, 1.1)
        if self.cy + 4.6 * s < 1.1:
            self.legs(picture, hip, light)
        w = self.wide
        outline = [(-0.42, 0.1), (-w * 0.6, 0.22 + slope * 0.4), (-w * 0.93, 0.42 + slope), (-w, 0.8 + slope), (-w * 0.92, 1.5),
                   (-w * waist * 0.85, 2.6), (-hip * 1.15, 3.6), (-hip * 1.2, 4.3)]
        outline += [(-a, b) for a, b in reversed(outline)]
        over(picture, polygon([self.below(a, b) for a, b in outline]), self.dressed(light))
        if self.cy + 4.6 * s >= 1.1 and rng.random() < 0.3:
            # A coat or a chair-wide cloth: wider towards the frame's edge.
            over(picture, polygon([self.below(a, b) for a, b in ((-w * .95, 1.0), (w * .95, 1.0), (w * 1.4, 5), (-w * 1.4, 5))]), self.dressed(light * 0.9))
        neck = polygon([self.below(a, b) for a, b in ((-0.4, -0.5), (0.4, -0.5), (0.46, 0.28), (-0.46, 0.28))])
        over(picture, neck, self.skin * (self.shade(0, 1.2, 0.9, 0.9) * 0.72)[..., None])
        over(picture, ellipse(*self.below(0, 0.26), s * 0.46, s * rng.uniform(0.1, 0.35)), self.skin * 0.7 if rng.random() < 0.6 else self.cloth * 0.6)
        for side in (-1, 1):
            if rng.random() < 0.35:
                lapel = polygon([self.below(side * a, b) for a, b in ((0.4, 0.1), (0.62, 0.3), (0.12, 1.7), (0.05, 1.2))])
                over(picture, lapel, np.clip(self.weave[2] * light[..., None], 0, 1))

    def legs(self, picture, hip, light):
        """Two legs from the hips, with shoes; a skirt now and then."""
        rng, s = self.rng, self.size
        apart, knee = rng.uniform(0.0, 0.9), rng.normal(0, 0.3, 2)
        for k, side in enumerate((-1, 1)):
            points = [self.below(side * hip * 0.55, 4.1), self.below(side * (hip * 0.55 + apart * 0.5) + knee[k], 6.2), self.below(side * (hip * 0.5 + apart), 8.4)]
            self.limb(picture, points, 0.62 * s, 0.4 * s, self.dressed(light, self.trousers * (1 if k else 0.85)))
            foot = self.below(side * (hip * 0.5 + apart + 0.25), 8.6)
            over(picture, ellipse(*foot, s * 0.55, s * 0.24), random_colour(rng, 0.02, 0.9))
        if rng.random() < 0.3:
            over(picture, polygon([self.below(a, b) for a, b in ((-hip, 3.6), (hip, 3.6), (hip * 1.9, 6.4), (-hip * 1.9, 6.4))]), self.dressed(light, self.trousers))

    def limb(self, picture, points, start, end, colour):
        """A tapering limb along a polyline: quadrilaterals with round joints; widths in -1..1 units."""
        widths = np.linspace(start, end, len(points))
        mask = np.zeros((SIZE, SIZE), np.float32)
        for (ax, ay), (bx, by), wa, wb in zip(points, points[1:], widths, widths[1:]):
            length = np.hypot(bx - ax, by - ay) + 1e-6
            nx, ny = (ay - by) / length / 2, (bx - ax) / length / 2
            mask = np.maximum(mask, polygon([(ax + nx * wa, ay + ny * wa), (bx + nx * wb, by + ny * wb), (bx - nx * wb, by - ny * wb), (ax - nx * wa, ay - ny * wa)]))
        for (x, y), width in zip(points, widths):
            mask = np.maximum(mask, ellipse(x, y, width / 2, width / 2))
        over(picture, mask, colour)

    def arm(self, side):
        """Shoulder, elbow and hand of one arm in body coordinates; the pose is drawn."""
        rng, w = self.rng, self.wide
        shoulder = np.array([side * (w - 0.25), 0.85])
        pose = rng.choice(["down", "across", "up", "wave", "face", "out", "hip"], p=[.36, .2, .08, .12, .1, .07, .07])
        wobble = lambda *at: np.array(at) + rng.normal(0, 0.15, 2)
        elbow, hand = {
            "down": (wobble(side * (w + 0.1), 2.6), wobble(side * w, 4.3)),
            "across": (wobble(side * (w + 0.3), 2.5), wobble(-side * rng.uniform(-0.4, 0.7), rng.uniform(1.8, 3))),
            "up": (wobble(side * (w + 0.8), 0.1), wobble(side * (w + rng.uniform(-0.4, 0.8)), -1.9)),
            "wave": (wobble(side * (w + 0.6), 2.0), wobble(side * (w + rng.uniform(0.2, 1.2)), rng.uniform(-0.9, 0.4))),
            "face": (wobble(side * (w + 0.2), 2.4), wobble(side * rng.uniform(0.3, 0.9), rng.uniform(-0.9, 0.2))),
            "out": (wobble(side * (w + 1.3), rng.uniform(0.5, 1.6)), wobble(side * (w + 2.6), rng.uniform(-0.3, 1.6))),
            "hip": (wobble(side * (w + 0.9), 2.3), wobble(side * 1.1, 3.3)),
        }[pose]
        return [self.below(*p) for p in (shoulder, elbow, hand)]

    def draw_arm(self, picture, arm):
        """Sleeve, forearm and a hand with fingers."""
        rng, s = self.rng, self.size
        shoulder, elbow, hand = arm
        x, y = grid()
        light = np.clip(self.ambient + 0.55 * (0.5 + 0.5 * self.light[0] * np.clip((x - elbow[0]) / s, -1, 1)), 0, 1)
        skin = np.clip(self.skin * (light * (1 + 0.03 * self.fine))[..., None], 0, 1)
        sleeve = self.dressed(light)
        self.limb(picture, [elbow, hand], 0.52 * s, 0.34 * s, skin if self.bare else sleeve)
        self.limb(picture, [shoulder, elbow], 0.68 * s, 0.52 * s, sleeve)
        reach = np.arctan2(hand[1] - elbow[1], hand[0] - elbow[0])
        palm = hand[0] + np.cos(reach) * s * 0.22, hand[1] + np.sin(reach) * s * 0.22
        open_hand = rng.random() < 0.6
        if open_hand:
            spread = rng.uniform(0.1, 0.32)
            for finger in range(5):
                angle = reach + (finger - 2) * spread + rng.normal(0, 0.05)
                length = s * (0.62 if 0 < finger < 4 else 0.48)
                tip = palm[0] + np.cos(angle) * length, palm[1] + np.sin(angle) * length
                over(picture, stroke([palm, tip], 0.12 * s), skin * (0.85 + 0.05 * finger))
        over(picture, ellipse(*palm, s * 0.3, s * 0.24, reach), skin)
        self.hand_at.append((palm, reach))

    def hair_shape(self, u, v, rx, ry, power=2.0):
        """Coverage of a hair mass in head coordinates, its rim frizzy by the person's own amount, [256, 256]."""
        cx, cy = self.at(u, v, -0.1)
        a, b = local(cx, cy, rx * self.rx, ry * self.ry, self.roll)
        radius = (np.abs(a) ** power + np.abs(b) ** power) ** (1 / power)
        if self.frizz > 0.01:
            curl = spectral_noise(self.rng, self.rng.uniform(0.7, 1.4))
            radius = radius + self.frizz * curl * np.clip(radius, 0, 1.2) * 0.7
        width = max(2.4 / SIZE / (min(rx, ry) * self.size), self.frizz * self.rng.uniform(0.2, 1.6))
        return np.clip(0.5 + (1 - radius) / width, 0, 1).astype(np.float32)

    def back_hair(self, picture):
        """Hair behind the head by style."""
        rng = self.rng
        if self.style == "bald":
            return
        if self.long:
            reach = rng.uniform(1.1, 2.4)
            mask = self.hair_shape(0, reach - 1.05, rng.uniform(1.12, 1.45), reach, 2.5)
        elif self.style == "curly":
            grow = rng.uniform(1.15, 1.75)
            mask = self.hair_shape(0, -0.25, grow, grow * rng.uniform(0.85, 1.05))
        else:
            mask = self.hair_shape(0, -0.22, 1.12, 0.98)
        over(picture, mask, self.strands() * 0.85)
        if self.style == "bun":
            over(picture, self.hair_shape(rng.normal(0, 0.3), -1.25, 0.42, 0.36), self.strands())

    def flyaway(self, picture):
        """Single hairs that stand off, a third to a half covering."""
        rng = self.rng
        for _ in range(int(rng.integers(3, 22))):
            angle = rng.uniform(-np.pi * 1.1, np.pi * 0.1)
            inner, outer, bend = 0.95, rng.uniform(1.15, 1.5), rng.normal(0, 0.25)
            points = [self.at(r * np.cos(angle + bend * k), -0.15 + r * np.sin(angle + bend * k), 0) for k, r in enumerate(np.linspace(inner, outer, 4))]
            over(picture, stroke(points, 0.008) * rng.uniform(0.25, 0.6), self.hair * rng.uniform(0.8, 1.4))

    def hat(self, picture):
        """A beanie, a brimmed hat or a hood."""
        rng, colour = self.rng, random_colour(self.rng, 0.03, 0.95, 1.0)
        kind = rng.integers(3)
        light = self.shade(0, -0.8, 1.5, 1.2)[..., None]
        if kind == 0:
            over(picture, self.spot(0, -0.62, 1.1, rng.uniform(0.55, 0.9), depth=0, power=2.6), colour * light)
        elif kind == 1:
            over(picture, self.spot(0, -0.95, 0.85, 0.62, depth=0, power=3), colour * light)
            over(picture, self.spot(0, -0.62, rng.uniform(1.35, 1.9), 0.14, depth=0.1), colour * 0.75)
        else:
            ring = np.clip(self.spot(0, -0.05, 1.42, 1.4, depth=-0.1, power=2.3) - self.spot(0, 0.05, 1.0, 1.05, depth=0), 0, 1)
            over(picture, ring, np.clip(self.cloth * light, 0, 1))

    def held(self, picture):
        """A mug, a ball, a book or telephone, a microphone or a board: part of the person."""
        rng, s = self.rng, self.size
        (x, y), angle = self.hand_at[int(rng.integers(len(self.hand_at)))]
        colour, kind = random_colour(rng, 0.03, 0.97, 1.0), rng.integers(5)
        if kind == 0:
            ring = np.clip(ellipse(x + s * 0.45, y, s * 0.28, s * 0.32) - ellipse(x + s * 0.45, y, s * 0.17, s * 0.21), 0, 1)
            over(picture, ring, colour * 0.7)
            over(picture, ellipse(x, y, s * 0.42, s * 0.5, power=6), colour * ball_light(*local(x, y, s * 0.5, s * 0.9), self.light)[..., None])
        elif kind == 1:
            r = s * rng.uniform(0.4, 1.0)
            over(picture, ellipse(x, y, r, r), np.clip(colour * ball_light(*local(x, y, r, r), self.light)[..., None], 0, 1))
        elif kind in (2, 4):
            w, h = s * rng.uniform(0.3, 0.6) * (1 if kind == 2 else 2.6), s * rng.uniform(0.5, 0.8) * (1 if kind == 2 else 1.6)
            t = rng.normal(0, 0.3)
            turn = lambda a, b: (x + a * np.cos(t) - b * np.sin(t), y + a * np.sin(t) + b * np.cos(t))
            over(picture, polygon([turn(a * w, b * h) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]), colour)
            over(picture, polygon([turn(a * w * 0.85, b * h * 0.85) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]), random_colour(rng, 0.03, 0.97, 1.0))
        else:
            tip = x + np.cos(angle - 0.6) * s * 0.3, y - s * 0.9
            over(picture, stroke([(x, y + s * 0.3), tip], 0.16 * s), (0.08, 0.08, 0.09))
            over(picture, ellipse(*tip, s * 0.2, s * 0.24), random_colour(rng, 0.05, 0.6))

"""One endless scene: attributes and a seed give a picture for every moment."""

import numpy as np

from .noise import Waves, hashed
from .palette import COLOURS, GROUNDS, colour, sky_of
from .sprites import paint
from .styles import STYLES

WIDTH, HEIGHT, HORIZON = 256, 128, 78.0
ROWS = np.arange(HEIGHT, dtype=np.float32)[:, None]
COLUMNS = np.arange(WIDTH, dtype=np.float32)
PAN = 34.0  # pixels a second of the nearest layer
CHOICES = {"place": tuple(GROUNDS), "time": ("dawn", "day", "dusk", "night"), "weather": ("clear", "rain", "snow", "fog"),
           "subject": ("balloon", "bird", "boat", "robot", "lantern", None), "colour": tuple(COLOURS),
           "motion": ("still", "drifting", "bobbing", "circling", "fast", None),
           "camera": ("steady", "left", "right", "zoom", "shake"), "style": ("flat", "sketch", "pixel", "neon", None)}


class Scene:
    """Attributes (a dict over CHOICES) and hidden factors from a seed; `frame(t)` draws second t."""

    def __init__(self, attributes, seed):
        rng = np.random.default_rng(seed)
        self.a, self.seed = attributes, int(seed)
        self.start, self.sun_x, self.sun_y = rng.uniform(0, 5000), rng.uniform(40, 216), rng.uniform(20, 40)
        self.x, self.y, self.phase = rng.uniform(90, 166), rng.uniform(-8, 8), rng.uniform(0, 1)
        self.tremor = Waves(rng, (0.9, 0.37, 0.23)), Waves(rng, (0.8, 0.41, 0.29))
        self.far, self.middle, self.near = Waves(rng, (190, 83, 31), True), Waves(rng, (150, 61, 23), True), Waves(rng, (210, 97))
        self.smooth = Waves(rng, (260, 120)), Waves(rng, (220, 130))
        self.bank = Waves(rng, (230, 110))
        self.stars = rng.uniform(0, 1, (46, 3)).astype(np.float32)
        self.flakes = rng.uniform(0, 1, (90, 3)).astype(np.float32)
        self.top, self.mid, self.low, self.light, self.sun = sky_of(attributes["time"], attributes["weather"], rng)
        far, near = (np.asarray(c, np.float32) for c in GROUNDS[attributes["place"]])
        tint = (1 + rng.uniform(-0.12, 0.12, 3)).astype(np.float32)
        snowy = attributes["weather"] == "snow"
        whiten = lambda c, k: c * (1 - k) + np.asarray((0.93, 0.95, 1.0), np.float32) * k if snowy else c
        self.near_colour = np.clip(whiten(near * tint, 0.72) * self.light, 0, 1)
        self.far_colour = np.clip(whiten(far * tint, 0.55) * (0.35 + 0.65 * self.light), 0, 1)
        self.fog = {"fog": 0.62, "snow": 0.18, "rain": 0.2}.get(attributes["weather"], 0.0)

    def camera(self, t):
        """(pan in pixels of the nearest layer, zoom, shift x, shift y)."""
        kind = self.a["camera"]
        pan = {"left": -PAN, "right": PAN}.get(kind, 0.0) * t
        zoom = 1.2 - 0.2 * np.cos(2 * np.pi * (t / 7 + self.phase)) if kind == "zoom" else 1.0
        shake = (4.0 * self.tremor[0](np.asarray([t]))[0], 3.0 * self.tremor[1](np.asarray([t]))[0]) if kind == "shake" else (0.0, 0.0)
        return pan, zoom, float(shake[0]), float(shake[1])

    def haze(self, own, depth):
        """Aerial perspective: depth 0 is near, 1 the horizon; fog adds to it."""
        k = min(1.0, 0.62 * depth + self.fog * (0.45 + 0.55 * depth))
        return colour(own * (1 - k) + self.low * k)

    def frame(self, t):
        """Picture [3, 128, 256] float32 in 0..1 at t seconds."""
        pan, zoom, sx, sy = self.camera(t)
        u = (COLUMNS - 128 - sx) / zoom
        row = (ROWS - HORIZON - sy) / zoom
        image = self.sky(row, u, t)
        getattr(self, self.a["place"])(image, row, u, pan, t)
        if self.a["subject"]:
            self.subject(image, t, zoom, sx, sy)
        style = self.a["style"]
        if self.a["weather"] == "fog":
            self.banks(image, t, pan)
        if style in ("flat", "sketch", "neon"):
            image = STYLES[style](image)
        self.falling(image, t, pan)
        if style == "pixel":
            image = STYLES[style](image)
        return np.clip(image, 0, 1)

    def sky(self, row, u, t):
        h = np.clip(-row / HORIZON, 0, 1)
        low, high = np.clip(1 - h * 2.4, 0, 1), np.clip(h * 1.7 - 0.7, 0, 1)
        rows = colour(self.mid) * (1 - low - high) + colour(self.low) * low + colour(self.top) * high
        image = np.repeat(rows.astype(np.float32), WIDTH, 2)
        clear = {"clear": 1.0, "snow": 0.35, "fog": 0.35, "rain": 0.0}[self.a["weather"]]
        time = self.a["time"]
        height = {"dawn": -self.sun_y, "dusk": 18 - self.sun_y, "day": -self.sun_y - 18, "night": -self.sun_y - 16}[time]
        far = np.hypot(u + 128 - self.sun_x, row - height)
        size, reach = {"dawn": (11, 46), "day": (9, 40), "dusk": (17, 62), "night": (9, 30)}[time]
        if time == "night" and clear > 0.5:
            for x, y, b in self.stars:
                px, py = int(x * 255), int(y * y * 70)
                twinkle = 0.55 + 0.35 * np.sin(6.28 * (b * 7 + t * 0.5))
                image[:, py:py + 2, px:px + 2] += (1 - image[:, py:py + 2, px:px + 2]) * np.float32(twinkle * (0.5 + b / 2))
        if clear:
            glow = np.exp(-(far / reach) ** 2) * np.float32(0.55 * clear)
            image += glow * (colour(self.sun) - image)
            disc = np.clip(size + 0.5 - far, 0, 1) * np.float32(clear)
            image += disc * (colour(self.sun) - image)
        return image

    def layer(self, image, row, line, own, bottom=None):
        """Fill below a skyline (line [W] in pixels above the horizon) with a colour, darker downwards."""
        mask = np.clip(row + line + 0.5, 0, 1)
        if bottom is not None:
            own = own + (bottom - own) * np.clip((row + line) / 60, 0, 1)
        image += mask * (own - image)
        return mask

    def mountains(self, image, row, u, pan, t):
        snow = 0.95 * np.clip(self.light * 1.05 + 0.05, 0, 1)
        x = u + self.start + 0.12 * pan
        line = 30 + 24 * self.far(x)
        own = self.haze(self.far_colour, 0.62)
        self.layer(image, row, line, own, self.haze(self.far_colour, 0.95))
        cap = np.clip(row + line, 0, 1) * np.clip((line - 30 + 5 * self.middle(x * 5)) / 3 - (row + line) * 0.35, 0, 1)
        image += cap * np.float32(0.9) * (self.haze(snow.astype(np.float32), 0.3) - image)
        line = 12 + 15 * self.middle(u + self.start + 0.35 * pan)
        self.layer(image, row, line, self.haze(0.5 * self.far_colour + 0.5 * self.near_colour, 0.4), self.haze(self.near_colour, 0.7))
        line = -18 + 9 * self.near(u + self.start + pan)
        self.layer(image, row, line, self.haze(self.near_colour, 0.06), colour(self.near_colour * 0.45 * (1 - self.fog) + self.low * 0.5 * self.fog))

    def desert(self, image, row, u, pan, t):
        x = u + self.start + 0.12 * pan
        mesa = 6 + 17 * np.clip(self.middle(x * 0.45) * 5 + 0.3, 0, 1)
        self.layer(image, row, mesa, self.haze(self.far_colour * np.float32(0.8), 0.5))
        for k, (dunes, speed, lift, size, depth) in enumerate(((self.smooth[0], 0.4, 0, 9, 0.42), (self.smooth[1], 1.0, -20, 13, 0.05))):
            x = u + self.start * (k + 1) + speed * pan
            line = lift + size * dunes(x)
            slope = dunes(x + 4) - dunes(x - 4)
            lit = np.clip(1 + 2.6 * slope, 0.72, 1.25)
            own = self.haze(self.near_colour, depth)
            ripple = 1 + 0.05 * np.sin((row + line) * 0.9 + x * 0.05)
            self.layer(image, row, line, np.clip(own * lit * (ripple if k else 1), 0, 1), own * np.float32(0.72))

    def city(self, image, row, u, pan, t):
        glow = {"night": 1.0, "dusk": 0.85, "dawn": 0.45, "day": 0.0}[self.a["time"]]
        lamps = colour((1.0, 0.80, 0.42))
        for k, (speed, cell, lift, rise, depth) in enumerate(((0.15, 15, 12, 30, 0.66), (0.42, 22, 2, 34, 0.36), (1.0, 34, -28, 26, 0.04))):
            x = u + self.start * (1 + 0.3 * k) + speed * pan
            house = np.floor(x / cell)
            tall = hashed(house, self.seed + k)
            inside = x - house * cell
            gap = 1.5 + 0.5 * k
            line = lift + np.where((inside > gap), rise * tall * (0.35 + 0.65 * hashed(np.floor(house / 3), self.seed + 9 + k)) + 5, -8).astype(np.float32)
            own = self.haze(self.far_colour * (1 - 0.33 * k) + self.near_colour * 0.33 * k, depth)
            mask = self.layer(image, row, line, own * (0.86 + 0.28 * hashed(house, self.seed + 5)), self.haze(self.near_colour, depth + 0.12))
            if k and glow:
                wide, high = (5.5, 8.0) if k == 1 else (8.5, 11.0)
                down = row + line - 2
                column, storey = np.floor(inside / wide), np.floor(down / high)
                lit = hashed(column + 17 * house + 131 * storey, self.seed + 3) > 0.6
                pane = (inside % wide > 2) & (down % high > 3.5) & (down > 0) & (inside > gap + 1) & (inside < cell - 1.5)
                image += mask * (lit & pane) * np.float32(glow * (0.3 + 0.3 * k) * (1 - 0.5 * self.fog)) * (lamps - image)

    def sea(self, image, row, u, pan, t):
        x = u + self.start + 0.12 * pan
        self.layer(image, row, np.clip(11 * self.smooth[0](x * 1.6) - 1, 0, 30), self.haze(self.far_colour * np.float32(0.75), 0.5))
        depth = np.clip(row, 0, 60)
        water = np.clip(row + 0.5, 0, 1)
        near = colour(self.near_colour * (1 - self.fog) + self.low * self.fog)
        own = self.haze(0.35 * self.mid + 0.65 * self.low, 0.3) * np.float32(0.9)
        own = own + (near - own) * np.clip(depth / 42, 0, 1)
        inverse = 26 / (depth + 5)
        wave = np.sin((u + self.start + pan * np.clip(depth / 50, 0.1, 1)) * 0.05 * (0.5 + inverse) + depth * 0.55 * inverse + t * 2.4)
        wave = wave * np.sin(depth * 1.1 * inverse - t * 1.7 + 0.6 * np.sin(u * 0.03 + self.phase * 6))
        shine = np.clip(wave, 0, 1) * np.clip(depth / 8, 0.15, 1)
        path = np.exp(-((u + 128 - self.sun_x) / (14 + 0.5 * depth)) ** 2) * (0.0 if self.a["weather"] == "rain" else 0.75)
        light = np.clip(colour(0.5 * self.low + 0.5 * self.sun * self.light.max()), 0, 1)
        own = own + (light - own) * np.clip(0.30 * shine + path * (0.30 + 0.70 * shine), 0, 1)
        image += water * (own - image)

    def subject(self, image, t, zoom, sx, sy):
        kind, motion, s = self.a["subject"], self.a["motion"], t + self.phase * 10
        x, y = self.x, {"balloon": 50.0, "bird": 44.0, "lantern": 52.0, "boat": 84.0, "robot": 88.0}[kind] + self.y
        if motion == "drifting":
            x += 52 * np.sin(2 * np.pi * s / 10)
        elif motion == "bobbing":
            y += 11 * np.sin(2 * np.pi * s / 1.6)
        elif motion == "circling":
            x, y = x + 30 * np.cos(2 * np.pi * s / 2.4), y + 15 * np.sin(2 * np.pi * s / 2.4)
        elif motion == "fast":
            x = (x + 105 * s) % (WIDTH + 64) - 32
        elif motion is None:
            y += 2.5 * np.sin(2 * np.pi * s / 3)
        flap = 0.0 if motion == "still" and kind != "bird" else s * 1.25
        paint(image, kind, self.a["colour"], (x - 128) * zoom + 128 + sx, (y - HORIZON) * zoom + HORIZON + sy, flap, self.light)

    def falling(self, image, t, pan):
        """Rain or snow, in front of everything and after the style, so that lines stay calm."""
        kind, paper = self.a["weather"], self.a["style"] == "sketch"
        if kind == "snow":
            shade = np.float32(0.55 if paper else 0.97)
            for x, y, b in self.flakes:
                px = int((x * WIDTH - 0.6 * pan * (0.4 + b) + 9 * np.sin(t * 1.3 + b * 20)) % WIDTH)
                py = max(0, int((y * 140 + t * (20 + 26 * b)) % 140) - 6)
                part = image[:, py:py + 2 + (b > 0.5), px:px + 2 + (b > 0.5)]
                part += (shade - part) * np.float32(0.65 + 0.3 * b)
        elif kind == "rain":
            slant = COLUMNS - 0.35 * ROWS - 0.5 * pan
            lane = np.floor(slant / 7) % 1024
            fall = (ROWS + 140 * hashed(lane, self.seed) - 230 * t * (0.8 + 0.4 * hashed(lane, 7))) % 72
            streak = np.clip(1 - fall / 26, 0, 1) * (slant % 7 < 1.8) * np.float32(0.45)
            tint = 0.3 * self.low if paper else 0.45 + 0.55 * self.low
            image += streak * (colour(tint) - image)

    def banks(self, image, t, pan):
        """Two banks of fog that drift."""
        x = COLUMNS + self.start + 0.5 * pan + 14 * t
        bank = np.exp(-((ROWS - 76 - 10 * self.bank(x)) / 20) ** 2) * np.float32(0.62)
        bank += np.exp(-((ROWS - 112 - 8 * self.bank(x * 1.4 + 300)) / 16) ** 2) * np.float32(0.5)
        veil = colour(np.clip(self.low * 1.06, 0, 1))
        image += np.clip(bank + 0.14, 0, 1) * (veil - image)

"""From layers to pictures: people before a background, as cameras would show them, with their matte."""

import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from torch.nn import functional as F

from animate.data.fields import SIZE
from animate.data.pairs import SOURCES
from animate.data.textures import coloured_noise, gradient
from upscale.data import Pictures

EMPTY, SECOND, TABLE = 0.06, 0.14, 0.12
"""Shares of pictures without a person, with two, with a table before the person."""


class Backgrounds:
    """Pool pictures without a person in them: sources and styled ones, noise and gradients."""

    def __init__(self, folder):
        self.pictures = Pictures(folder)
        kinds = {}
        for part in Path(folder).glob("sources.*.jsonl"):
            kinds.update(dict(json_rows(part)))
        empty = {index for index, kind in kinds.items() if kind != "portrait"}
        self.sources = [n for n in sorted(empty) if self.pictures.sources_ready[n]]
        self.styled = [SOURCES + n for n in np.flatnonzero(self.pictures.targets_ready) if n % SOURCES in empty]

    def __call__(self, rng):
        """float32 [256, 256, 3] in 0..1."""
        kind = rng.random()
        if kind < 0.06:
            made = (coloured_noise if kind < 0.03 else gradient)(rng)
        else:
            made = self.pictures[rng.choice(self.sources if kind < 0.75 else self.styled)].astype(np.float32) / 255
        return made[:, ::-1] if rng.random() < 0.5 else made


def json_rows(path):
    """[(index, value)] of a pool's log that may still be growing."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("]")]


def moved(layer, rng, scale=None, shift=None, turn=None):
    """A layer [256, 256, C] turned, scaled about the middle of its lower edge and shifted; what enters is empty.

    scale: about 0.7 to 1.4; shift: (x, y) in -1..1; turn: radians. Each is drawn where it is not given.
    """
    scale = float(np.exp(rng.uniform(np.log(0.75), np.log(1.4)))) if scale is None else scale
    turn = rng.normal(0, 0.06) if turn is None else turn
    dx, dy = (rng.normal(0, 0.15), abs(rng.normal(0, 0.1)) if scale < 1 else rng.uniform(-0.1, 0.5)) if shift is None else shift
    c, s = np.cos(turn) / scale, np.sin(turn) / scale
    # Sampling points for each result: the lower edge stays at the lower edge, or what is cut there would float.
    affine = torch.tensor([[[c, s, -dx * c - (1 + dy) * s], [-s, c, 1 + dx * s - (1 + dy) * c]]], dtype=torch.float32)
    lines = F.affine_grid(affine, (1, layer.shape[2], SIZE, SIZE), align_corners=False)
    stack = torch.from_numpy(np.ascontiguousarray(layer)).permute(2, 0, 1)[None]
    return F.grid_sample(stack, lines, mode="bilinear", padding_mode="zeros", align_corners=False)[0].permute(1, 2, 0).numpy()


def tinted(rng, layer):
    """Another exposure and colour of a premultiplied layer [256, 256, 4], its coverage kept."""
    layer = layer.copy()
    gain = rng.normal(1, 0.08, 3) * rng.uniform(0.55, 1.35)
    layer[..., :3] = np.minimum(layer[..., :3] * gain.astype(np.float32), layer[..., 3:])
    if rng.random() < 0.15:
        grey = layer[..., :3].mean(-1, keepdims=True)
        layer[..., :3] += rng.uniform(0.3, 1) * (grey - layer[..., :3])
    return layer


def motion(rng, layer):
    """Blur along a direction, as an arm moves: only one of the two axes, up to 4 pixels."""
    return gaussian_filter1d(layer, rng.uniform(0.8, 3), axis=int(rng.integers(2)), mode="nearest")


def compose(layers, background):
    """(picture [256, 256, 3], matte [256, 256]) of premultiplied layers, back to front, over a background."""
    picture, matte = background.copy(), np.zeros(background.shape[:2], np.float32)
    for layer in layers:
        cover = layer[..., 3]
        picture = layer[..., :3] + (1 - cover[..., None]) * picture
        matte = cover + (1 - cover) * matte
    return picture, matte


def filmed(rng, picture, matte):
    """What a camera makes of it: light, white balance, blur of both, noise, JPEG. uint8 picture, float matte."""
    picture = np.clip(picture, 0, 1) ** np.float32(rng.uniform(0.7, 1.4))
    picture = picture * np.float32(rng.normal(1, 0.07, 3) * rng.uniform(0.65, 1.2)) + np.float32(rng.uniform(0, 0.08))
    if rng.random() < 0.45:
        sigma = rng.uniform(0.3, 1.6)
        picture = gaussian_filter(picture, (sigma, sigma, 0), mode="nearest", truncate=3)
        matte = gaussian_filter(matte, sigma, mode="nearest", truncate=3)
    if rng.random() < 0.6:
        level = rng.uniform(0.004, 0.05)
        picture = picture + np.float32(level) * rng.standard_normal(picture.shape, dtype=np.float32) * (0.5 + np.clip(picture, 0, 1))
    whole = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    if rng.random() < 0.4:
        file = io.BytesIO()
        Image.fromarray(whole).save(file, "JPEG", quality=int(rng.integers(18, 90)))
        whole = np.asarray(Image.open(file))
    return whole, np.clip(matte, 0, 1)


class Scenes:
    """Pictures and mattes from layers uint8 [N, 256, 256, 4] (those whose `ready` is set) and backgrounds."""

    def __init__(self, people, ready, backgrounds):
        self.people, self.ready, self.backgrounds = people, ready, backgrounds

    def layer(self, rng):
        """One person, moved, tinted and at times blurred: float32 [256, 256, 4]."""
        layer = self.people[rng.choice(np.flatnonzero(self.ready))].astype(np.float32) / 255
        layer = moved(layer[:, ::-1] if rng.random() < 0.5 else layer, rng)
        return motion(rng, tinted(rng, layer)) if rng.random() < 0.15 else tinted(rng, layer)

    def parts(self, rng):
        """(layers back to front, background, covered): what `compose` takes, and a table's rows before it or None."""
        background = self.backgrounds(rng)
        if rng.random() < 0.35:
            sigma = rng.uniform(0.5, 5)
            background = gaussian_filter(background, (sigma, sigma, 0), mode="nearest", truncate=3)
        count = 0 if rng.random() < EMPTY else 2 if rng.random() < SECOND else 1
        table = (rng.uniform(0.72, 0.95), self.backgrounds(rng)) if rng.random() < TABLE else None
        return [self.layer(rng) for _ in range(count)], background, table

    def scene(self, rng):
        """(picture [256, 256, 3], matte [256, 256]) as it stands before the camera."""
        layers, background, table = self.parts(rng)
        picture, matte = compose(layers, background)
        if table:
            row = int(table[0] * SIZE)
            picture[row:], matte[row:] = table[1][row:], 0
        return picture, matte

    def __call__(self, rng, side=SIZE, shots=1):
        """`shots` of one scene, each cut out at random and filmed anew: [(uint8 [side, side, 3], matte float32 [side, side])]."""
        picture, matte = self.scene(rng)
        corners = rng.integers(0, SIZE - side + 1, (shots, 2))
        return [filmed(rng, picture[y:y + side, x:x + side], matte[y:y + side, x:x + side]) for y, x in corners]


def to_input(pictures):
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W], (value - 127.5) / 127.5."""
    return (torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() - 127.5) / 127.5

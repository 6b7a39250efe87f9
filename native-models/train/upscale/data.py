"""What the net learns from: pictures of the animate pool, and what the engine's codec leaves of their halves."""

import itertools
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from animate.data.pairs import SOURCES, TARGETS
from animate.data.pictures import picture
from animate.looks.teacher import draw_words, render
from scenes.codec import shipped_codec

SIDE, LOW, CELL = 256, 128, 8
SOFT = 0.4
"""Share of the pictures that are blurred first: cameras and films are softer than what is drawn, and must not be sharpened."""
HELD_OUT = 2
"""Seed of the pictures that are only measured on."""


class Pictures:
    """The pictures of an animate pool, read only, while it may still be growing.

    Numbers below SOURCES are sources, those from there on the styled targets.
    """

    def __init__(self, folder):
        folder = Path(folder)
        at = lambda name, count: (np.memmap(folder / f"{name}.u8", np.uint8, "r", shape=(count, SIDE, SIDE, 3)),
                                  np.memmap(folder / f"{name}.ready", np.uint8, "r", shape=(count,)))
        (self.sources, self.sources_ready), (self.targets, self.targets_ready) = at("sources", SOURCES), at("targets", TARGETS)

    def __getitem__(self, number):
        """uint8 [256, 256, 3]."""
        return self.sources[number] if number < SOURCES else self.targets[number - SOURCES]

    def draw(self, rng, count, styled=0.85):
        """`count` numbers of pictures that are there, `styled` of them targets."""
        wanted = round(count * styled)
        targets, sources = np.flatnonzero(self.targets_ready), np.flatnonzero(self.sources_ready)
        chosen = np.concatenate([SOURCES + rng.permutation(targets)[:wanted], rng.permutation(sources)[:count - wanted]])
        return rng.permutation(chosen)


def to_unit(pictures):
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div(255)


def to_bytes(images):
    """float [N, 3, H, W] in 0..1 -> uint8 [N, H, W, 3]."""
    return (images.clamp(0, 1) * 255 + 0.5).byte().permute(0, 2, 3, 1).numpy()


@torch.no_grad()
def through_codec(codec, images):
    """[N, 3, H, W] in 0..1 -> what the engine shows of them: coded, decoded, in whole 255ths. H, W multiples of 8."""
    made = codec.decoder(codec.encoder(images * 2 - 1))
    return torch.floor((made + 1) * 127.5 + 0.5).clamp(0, 255) / 255


def halved(codec, images, factor=2):
    """[N, 3, H, W] in 0..1 -> the mean of each factor x factor pixels, through the codec, [N, 3, H/factor, W/factor]."""
    return through_codec(codec, torch.nn.functional.avg_pool2d(images, factor))


def softened(picture, sigma):
    """A uint8 picture [H, W, 3] blurred by `sigma` pixels, uint8; the picture itself for 0."""
    return gaussian_filter(picture, (sigma, sigma, 0), mode="nearest", truncate=3) if sigma else picture


def fill(source, folder, count, step=16):
    """What is learned from in `folder`, made of the animate pool at `source`.

    low.u8 [count, 128, 128, 3]: halved pictures through the codec; whole.u8 [count // 4, 256, 256, 3]:
    pictures through the codec as they are; numbers.npy [count]: which pictures, the whole ones being the first;
    sigmas.npy [count]: by how many pixels each was blurred before all that.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pictures, codec, rng = Pictures(source), shipped_codec(), np.random.default_rng(31)
    numbers = pictures.draw(rng, count)
    sigmas = np.where(rng.random(count) < SOFT, rng.uniform(0.4, 1.5, count), 0).astype(np.float32)
    read = lambda at: to_unit(np.stack([softened(pictures[n], s) for n, s in zip(numbers[at], sigmas[at])]))
    low = np.memmap(folder / "low.u8", np.uint8, "w+", shape=(len(numbers), LOW, LOW, 3))
    for at in range(0, len(numbers), step):
        low[at:at + step] = to_bytes(halved(codec, read(slice(at, at + step))))
    low.flush()
    whole = np.memmap(folder / "whole.u8", np.uint8, "w+", shape=(len(numbers) // 4, SIDE, SIDE, 3))
    for at in range(0, len(whole), step):
        whole[at:at + step] = to_bytes(through_codec(codec, read(slice(at, min(at + step, len(whole))))))
    whole.flush()
    np.save(folder / "sigmas.npy", sigmas)
    np.save(folder / "numbers.npy", numbers)


class Crops:
    """Random crops of the pool, on the codec's cells, in 0..1."""

    def __init__(self, source, folder, seed):
        self.pictures, self.numbers = Pictures(source), np.load(Path(folder) / "numbers.npy")
        self.sigmas = np.load(Path(folder) / "sigmas.npy")
        self.low = np.memmap(Path(folder) / "low.u8", np.uint8, "r", shape=(len(self.numbers), LOW, LOW, 3))
        self.whole = np.memmap(Path(folder) / "whole.u8", np.uint8, "r", shape=(len(self.numbers) // 4, SIDE, SIDE, 3))
        self.rng = np.random.default_rng(seed)

    def _goal(self, k):
        """Picture k as it was before halving and codec."""
        return softened(self.pictures[self.numbers[k]], self.sigmas[k])

    def whole_size(self, count, side):
        """(picture through the codec, picture before it), both [count, 3, side, side]: the engine's own scale, where
        nobody knows the picture of twice the size, but the mean of each of its 2 x 2 pixels."""
        coded, goal = (np.empty((count, side, side, 3), np.uint8) for _ in range(2))
        for i in range(count):
            k = self.rng.integers(len(self.whole))
            y, x = CELL * self.rng.integers(0, (SIDE - side) // CELL + 1, 2)
            turn = slice(None, None, -1 if self.rng.random() < 0.5 else 1)
            coded[i], goal[i] = (p[y:y + side, x:x + side][:, turn] for p in (self.whole[k], self._goal(k)))
        return to_unit(coded), to_unit(goal)

    def halved(self, count, side):
        """(low [count, 3, side, side], goal [count, 3, 2 side, 2 side]), half of them mirrored."""
        low, goal = np.empty((count, side, side, 3), np.uint8), np.empty((count, 2 * side, 2 * side, 3), np.uint8)
        for i in range(count):
            k = self.rng.integers(len(self.numbers))
            y, x = CELL * self.rng.integers(0, (LOW - side) // CELL + 1, 2)
            turn = slice(None, None, -1 if self.rng.random() < 0.5 else 1)
            low[i] = self.low[k, y:y + side, x:x + side][:, turn]
            goal[i] = self._goal(k)[2 * y:2 * (y + side), 2 * x:2 * (x + side)][:, turn]
        return to_unit(low), to_unit(goal)


def held_out_styled(count):
    """`count` pictures of seed 2, each under a look drawn for it: uint8 [count, 256, 256, 3], and the words of each."""
    made, words = [], []
    for index in itertools.islice(itertools.count(), count):
        rng = np.random.default_rng([17, index])
        words.append(draw_words(rng))
        made.append((render(picture(index, HELD_OUT)[0].astype(np.float32) / 255, words[-1], rng) * 255 + 0.5).astype(np.uint8))
    return np.stack(made), words

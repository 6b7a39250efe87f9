"""Training pairs: a pool picture and what the teacher makes of it."""

from pathlib import Path

import numpy as np

from animate.looks.teacher import draw_words, render
from .pictures import picture
from .pool import Pool, fill

SOURCES, TARGETS = 6000, 18000


def fill_sources(folder, workers=2):
    """The pool `sources`: procedural pictures of seed 1."""
    fill(folder, "sources", SOURCES, picture, workers)


class TargetMaker:
    """Target number i: the teacher on source i mod 6000, words and hidden seed drawn from i."""

    def __init__(self, folder):
        self.sources = Pool(folder, "sources", SOURCES)

    def __call__(self, index):
        rng = np.random.default_rng([3, index])
        words = draw_words(rng)
        source = self.sources.pictures[index % SOURCES].astype(np.float32) / 255
        return (render(source, words, rng) * 255 + 0.5).astype(np.uint8), words


def fill_targets(folder, workers=2):
    """The pool `targets`; its meta holds each target's words."""
    fill(folder, "targets", TARGETS, TargetMaker(folder), workers)


def pools(folder):
    """The two pools as they stand."""
    folder = Path(folder)
    return Pool(folder, "sources", SOURCES), Pool(folder, "targets", TARGETS)

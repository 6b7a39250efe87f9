"""The pool of people: layers of premultiplied colour and coverage on disk."""

from pathlib import Path

import numpy as np

from animate.data.fields import SIZE
from matting.people import layer

TRAINING, HELD_OUT = 1, 2
"""Seeds of the people one learns from, and of those that are only measured on."""


def person(index, seed):
    """Person number `index` of the set `seed`: uint8 [256, 256, 4], premultiplied RGB and coverage."""
    return (layer(np.random.default_rng([41, seed, index])) * 255 + 0.5).astype(np.uint8)


def fill(folder, count):
    """people.u8 [count, 256, 256, 4] in `folder`; goes on where an earlier call stopped."""
    people, ready = _open(Path(folder), count, "r+")
    for index in range(count):
        if not ready[index]:
            people[index] = person(index, TRAINING)
            ready[index] = 1


def _open(folder, count, mode):
    folder.mkdir(parents=True, exist_ok=True)
    shape = (count, SIZE, SIZE, 4)
    at = folder / "people.u8"
    if mode == "r+" and (not at.exists() or at.stat().st_size != int(np.prod(shape))):
        mode = "w+"
    return np.memmap(at, np.uint8, mode, shape=shape), np.memmap(folder / "people.ready", np.uint8, mode, shape=(count,))


def read(folder):
    """(people, mask of those that are there), read only, while the pool may still be growing."""
    count = (Path(folder) / "people.ready").stat().st_size
    return _open(Path(folder), count, "r")

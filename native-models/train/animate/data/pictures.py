"""The mixture of procedural pictures, addressed by index."""

import numpy as np

from .camera import photograph
from .faces import portrait
from .fields import SIZE, blur
from .places import desk, landscape, room
from .textures import bokeh, coloured_noise, dead_leaves, gradient, lettering

KINDS = ("portrait", "desk", "room", "landscape", "leaves", "letters", "noise")
SHARES = (0.40, 0.25, 0.06, 0.11, 0.09, 0.05, 0.04)


def _portrait(rng):
    backdrop = (room, room, bokeh, gradient, landscape)[rng.integers(5)](rng)
    return portrait(rng, blur(backdrop, rng.uniform(0, 4)))


MAKERS = {"portrait": _portrait, "desk": desk, "room": room, "landscape": landscape,
          "leaves": dead_leaves, "letters": lettering, "noise": coloured_noise}


def picture(index, seed=1):
    """Picture number `index` of the set `seed`: (uint8 [256, 256, 3], kind).

    The same pair gives the same picture on every machine; training uses seed 1,
    held-out evaluation seed 2.
    """
    rng = np.random.default_rng([seed, index])
    kind = KINDS[rng.choice(len(KINDS), p=SHARES)]
    scene = photograph(rng, MAKERS[kind](rng))
    if rng.random() < 0.5:
        scene = scene[:, ::-1]
    assert scene.shape == (SIZE, SIZE, 3)
    return (scene * 255 + 0.5).astype(np.uint8), kind

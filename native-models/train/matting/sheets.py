"""Sample sheets of the matting model."""

import numpy as np

from matting.evaluate import mattes
from shared.sheets import save

GROUND = np.array([40, 150, 70], np.float32)
"""What people are shown before, RGB."""


def grey(matte):
    """Matte [H, W] -> uint8 [H, W, 3]."""
    return np.repeat((matte[..., None] * 255 + 0.5).astype(np.uint8), 3, -1)


def before_ground(picture, matte):
    """A uint8 picture cut out by its matte before a plain ground, uint8 [H, W, 3]."""
    return (picture * matte[..., None] + GROUND * (1 - matte[..., None]) + 0.5).astype(np.uint8)


def people_sheet(net, pictures, truth, path, names, tile=160):
    """Two columns of: picture, true matte, the net's, the picture cut out by the net's; `names` under the pictures."""
    guess = mattes(net, pictures)
    rows = [[pictures[i], grey(truth[i]), grey(guess[i]), before_ground(pictures[i], guess[i])] for i in range(len(pictures))]
    labels = [[names[i], "truth", "network", "cut out"] for i in range(len(pictures))]
    pairs = lambda items: [items[i] + items[i + 1] for i in range(0, len(items) - 1, 2)]
    save(pairs(rows), pairs(labels), path, tile)


def film_sheet(net, frames, path, columns=8, tile=128):
    """Every frame of a film with its matte under it."""
    guess, rows, labels = mattes(net, frames), [], []
    for at in range(0, len(frames), columns):
        chosen = range(at, min(at + columns, len(frames)))
        rows += [[frames[i] for i in chosen], [grey(guess[i]) for i in chosen]]
        labels += [[f"frame {i}" for i in chosen], [f"mean {guess[i].mean():.2f}" for i in chosen]]
    save(rows, labels, path, tile)


def sample_sheets(net, pictures, truth, frames, folder):
    """Held-out people in order, the worst of them, and the film."""
    people_sheet(net, pictures[:16], truth[:16], folder / "people.jpg", [f"picture {i}" for i in range(16)])
    error = np.abs(mattes(net, pictures) - truth).mean((1, 2))
    worst = np.argsort(-error)[:12]
    people_sheet(net, pictures[worst], truth[worst], folder / "worst.jpg", [f"picture {i}, MAD {error[i]:.3f}" for i in worst])
    film_sheet(net, frames, folder / "film.jpg")

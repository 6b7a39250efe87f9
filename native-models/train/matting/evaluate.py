"""Measurements of the matting net on people it never saw; every figure carries its n."""

import itertools

import numpy as np
import torch

from animate.data.pictures import picture
from matting import pool
from matting.camera import Scenes, compose, filmed, moved, to_input

PEOPLE = 96
"""How many people of the held-out seed there are."""


class HeldOutBackgrounds:
    """Procedural pictures of seed 2 without a person in them, made one after another."""

    def __init__(self, count=48):
        found = (picture(i, pool.HELD_OUT) for i in itertools.count())
        self.made = [p.astype(np.float32) / 255 for p, _ in itertools.islice(((p, k) for p, k in found if k != "portrait"), count)]

    def __call__(self, rng):
        """float32 [256, 256, 3] in 0..1."""
        return self.made[rng.integers(len(self.made))]


def held_out_scenes():
    """People and backgrounds of seed 2."""
    people = np.stack([pool.person(i, pool.HELD_OUT) for i in range(PEOPLE)])
    return Scenes(people, np.ones(PEOPLE, bool), HeldOutBackgrounds())


def held_out(count, scenes=None):
    """(uint8 [count, 256, 256, 3], mattes float32 [count, 256, 256]) of seed 2."""
    scenes = scenes or held_out_scenes()
    made = [scenes(np.random.default_rng([47, i]))[0] for i in range(count)]
    return np.stack([p for p, _ in made]), np.stack([m for _, m in made])


@torch.no_grad()
def mattes(net, pictures, step=8):
    """uint8 [N, H, W, 3] -> mattes float32 [N, H, W] in 0..1."""
    return np.concatenate([net(to_input(pictures[i:i + step]))[:, 0].numpy() for i in range(0, len(pictures), step)])


def errors_of(guess, truth):
    """MAD, MSE, gradient error (mean difference of the gradients' lengths) and IoU at a half, of mattes [N, H, W]."""
    gradient = lambda m: np.hypot(np.diff(m, axis=1)[:, :, :-1], np.diff(m, axis=2)[:, :-1])
    both, either = ((guess > 0.5) & (truth > 0.5)).sum(), ((guess > 0.5) | (truth > 0.5)).sum()
    return {"mad": round(float(np.abs(guess - truth).mean()), 4), "mse": round(float(np.square(guess - truth).mean()), 4),
            "gradient": round(float(np.abs(gradient(guess) - gradient(truth)).mean()), 4),
            "iou": round(float(both / max(1, either)), 4), "n": len(truth)}


def errors(net, pictures, truth):
    """The same of what the net makes of pictures uint8 [N, H, W, 3]."""
    return errors_of(mattes(net, pictures), truth)


def guesses_without_a_net(truth, train_mean):
    """What the mean matte of the training people, [256, 256], scores for every picture."""
    return errors_of(np.repeat(train_mean[None], len(truth), 0), truth)


def steadiness(net, scenes, clips=12, length=8):
    """Held-out people drifting by fractions of a pixel before a still background, each frame with its own noise.

    Frame-to-frame change of the matte's error and of the true matte, in 255ths; 0 = as steady as the truth.
    """
    error, own, smooth = [], [], []
    for clip in range(clips):
        rng = np.random.default_rng([53, clip])
        layers, background, _ = scenes.parts(rng)
        if not layers:
            continue
        speed, shots, camera = rng.normal(0, 0.004, 2), [], int(rng.integers(2**31))
        for t in range(length):
            parts = [moved(layer, rng, 1.0, (speed[0] * t, max(0, speed[1] * t)), 0.0) for layer in layers]
            picture, matte = compose(parts, background)
            # The camera's settings stay, its noise does not: the noise is drawn after them, and then once more here.
            whole, matte = filmed(np.random.default_rng(camera), picture, matte)
            noisy = whole + np.random.default_rng([camera, t]).normal(0, 2.5, whole.shape)
            shots.append((np.clip(noisy + 0.5, 0, 255).astype(np.uint8), matte))
        pictures, truth = np.stack([p for p, _ in shots]), np.stack([m for _, m in shots])
        guess = mattes(net, pictures)
        averaged = guess.copy()
        for t in range(1, length):
            averaged[t] = 0.5 * averaged[t - 1] + 0.5 * guess[t]
        moving = lambda m: float(np.abs(np.diff(m, axis=0)).mean() * 255)
        error.append(moving(guess - truth))
        smooth.append(moving(averaged - truth))
        own.append(moving(truth))
    mean = lambda values: round(float(np.mean(values)), 3)
    return {"error": mean(error), "errorOfRunningMean": mean(smooth), "truth": mean(own), "unit": "255ths of the matte", "clips": len(error), "frames": length}


def film_share(net, frames):
    """Mean matte and share above a half on a film uint8 [T, H, W, 3] that shows nobody: both should be 0."""
    made = mattes(net, frames)
    return {"mean": round(float(made.mean()), 4), "aboveHalf": round(float((made > 0.5).mean()), 4), "n": len(frames)}

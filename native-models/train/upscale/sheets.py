"""Sample sheets of the upscale model."""

import numpy as np
import torch

from animate.nets.animate import Animate
from animate.sampling import animate
from shared import restore
from shared.export import ROOT
from shared.sheets import save
from upscale.data import halved, to_bytes, to_unit
from upscale.evaluate import bicubic, passes

CUT = 128
"""Side of the piece that a tile shows, in pixels of the enlarged picture."""


def busiest(picture):
    """Corner (y, x) of the piece of a uint8 picture [H, W, 3] with the most detail, on a grid of 32 pixels."""
    grey = picture.astype(np.float32).mean(-1)
    detail = np.abs(np.diff(grey, axis=0))[:, 1:] + np.abs(np.diff(grey, axis=1))[1:]
    corners = [(y, x) for y in range(0, picture.shape[0] - CUT + 1, 32) for x in range(0, picture.shape[1] - CUT + 1, 32)]
    return max(corners, key=lambda at: detail[at[0]:at[0] + CUT, at[1]:at[1] + CUT].mean())


def compare(net, low, goal, names, path):
    """Columns: the small picture, bicubic, the net, and the original where `goal` is there; one row a picture.

    low: [N, 3, h, w] in 0..1; goal: uint8 [N, 2h, 2w, 3] or None; names: what stands under each row's first tile.
    """
    with torch.no_grad():
        made, plain = to_bytes(passes(net, low, 2)), to_bytes(bicubic(low, 2))
    dots = to_bytes(low.repeat_interleave(2, 2).repeat_interleave(2, 3))
    rows, labels = [], []
    for i, name in enumerate(names):
        y, x = busiest(plain[i] if goal is None else goal[i])
        kinds = [(dots, name), (plain, "bicubic"), (made, "network")] + ([] if goal is None else [(goal, "original")])
        rows.append([kind[i][y:y + CUT, x:x + CUT] for kind, _ in kinds])
        labels.append([label for _, label in kinds])
    pairs = lambda items: [sum(items[i:i + 2], []) for i in range(0, len(items) - 1, 2)]
    save(pairs(rows), pairs(labels), path, tile=192)


def engine_pictures(frames, prompts):
    """What the shipped animate engine makes of uint8 frames [N, 256, 256, 3], one step, in 0..1."""
    from scenes.codec import shipped_codec
    net, files = Animate(), ROOT / "models" / "animate"
    for part, name in ((net.text, "text_encoder"), (net.unet, "unet")):
        restore.load(part, files / f"{name}.onnx")
    image = to_unit(frames) * 2 - 1
    made = animate(net.eval(), shipped_codec(), image, prompts, 1.0, [1] * len(prompts))
    return torch.floor((made + 1) * 127.5 + 0.5).clamp(0, 255) / 255


def sample_sheets(net, codec, styled, words, frames, folder):
    """Held-out styled pictures, film frames, and the engine's own pictures, which have no original."""
    few = slice(0, 12)
    compare(net, halved(codec, to_unit(styled[few])), styled[few], [" ".join(w) or "clean" for w in words[few]], folder / "styled.jpg")
    some = frames[::max(1, len(frames) // 6)][:6]
    compare(net, halved(codec, to_unit(some)), some, [f"film {i}" for i in range(len(some))], folder / "film.jpg")
    prompts = ["ink", "comic", "halftone", "sketch", "mosaic", "neon", "pixel", "blueprint"]
    shown = np.stack([frames[len(frames) // 2]] * len(prompts))
    compare(net, engine_pictures(shown, prompts), None, prompts, folder / "engine.jpg")

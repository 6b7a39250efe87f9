"""Training of the matting net on composed pictures."""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from matting import pool
from matting.camera import Backgrounds, Scenes, to_input
from matting.evaluate import errors, held_out
from matting.net import Matting
from shared.loop import Loop, device

BATCH, SMALL, LARGE, GROWN, EVERY, HELD = 8, 160, 256, 0.7, 250, 48
"""Pictures a step (half as many of the large ones); their side in pixels before and after the share GROWN of the time;
steps between reports; pictures held out."""


def laplacian(error, levels=4):
    """Mean size of an error's Laplacian pyramid [B, 1, H, W], each level weighted by its scale (Hou and Liu, ICCV 2019)."""
    total = 0.0
    for level in range(levels):
        small = F.avg_pool2d(error, 2)
        total = total + 2**level * (error - F.interpolate(small, scale_factor=2, mode="nearest")).abs().mean()
        error = small
    return total + 2**levels * error.abs().mean()


def loss_of(logits, coarse, matte, image):
    """Matte L1, gradient L1, composition L1 and Laplacian; cross entropy, which starts where an L1 stands still.

    The composition shows image [B, 3, H, W] through both mattes over the next picture of the batch.
    """
    error = torch.sigmoid(logits) - matte
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    seen = (error * (image - image.roll(1, 0))).abs().mean() / 2
    sure = F.binary_cross_entropy_with_logits(logits, matte)
    rough = F.binary_cross_entropy_with_logits(coarse, F.avg_pool2d(matte, 16))
    return error.abs().mean() + edges + seen + 0.25 * laplacian(error) + 0.25 * sure + 0.25 * rough


def train(pictures, people, folder, minutes, resume=False, rate=3e-3, net=None):
    """Train for `minutes`; leaves checkpoint `matting` and `matting.curve.jsonl` (held-out errors) in `folder`."""
    where = device()
    torch.manual_seed(43)
    rng = np.random.default_rng(np.random.SeedSequence().entropy if resume else 43)
    scenes = Scenes(*pool.read(people), Backgrounds(pictures))
    net = (net or Matting(norm=True)).to(where, memory_format=torch.channels_last).train()
    loop = Loop("matting", net, folder, minutes, rate=rate, decay=0.999, resume=resume, weight_decay=1e-4)
    shown, truth = held_out(HELD)

    def loss_of_step(_):
        side, count = (LARGE, BATCH // 2) if loop.share > GROWN else (SMALL, BATCH)
        if loop.share > GROWN:
            net.settle()
        for slow, fast in zip(loop.average.buffers(), net.buffers()):
            slow.copy_(fast)
        made = [shot for _ in range(count // 2) for shot in scenes(rng, side, 2)]
        image = to_input(np.stack([p for p, _ in made])).to(where, memory_format=torch.channels_last)
        matte = torch.from_numpy(np.stack([m for _, m in made]))[:, None].to(where)
        return loss_of(*net(image), matte, image)

    def report(step):
        row = {"step": step, "minutes": round(loop.spent / 60, 1), **errors(loop.average, shown, truth)}
        with open(Path(folder) / "matting.curve.jsonl", "a") as curve:
            curve.write(json.dumps(row) + "\n")
        print(f"matting {row}", flush=True)

    loop.run(loss_of_step, EVERY, report)
    report(loop.step)

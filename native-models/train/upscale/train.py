"""Training of the upscaler on crops."""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from shared.loop import Loop, device
from upscale.data import Crops, halved, held_out_styled, to_unit
from upscale.evaluate import bicubic, decibels
from upscale.net import Upscale
from scenes.codec import shipped_codec

BATCH, PLAIN, WHOLE, SIDE, EVERY, HELD = 11, 2, 5, 48, 200, 24
"""Halved crops a step, those of them that skip the codec, and crops of the engine's own scale; their side in pixels;
steps between reports; pictures held out."""


def loss_of_pair(guess, goal):
    """L1 + MSE + gradient L1, the last keeping edges crisp."""
    error = guess - goal
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 3 * error.square().mean() + 0.25 * edges


def train(source, pool, folder, minutes, resume=False, rate=2e-3, net=None):
    """Train for `minutes`; leaves checkpoint `upscale` and `upscale.curve.jsonl` (dB over bicubic, held out) in `folder`."""
    where = device()
    torch.manual_seed(33)
    crops = Crops(source, pool, seed=np.random.SeedSequence().entropy % 2**32 if resume else 33)
    net = (net or Upscale()).to(where, memory_format=torch.channels_last).train()
    loop = Loop("upscale", net, folder, minutes, rate=rate, decay=0.999, resume=resume, weight_decay=0)
    goal = to_unit(held_out_styled(HELD)[0]).to(where)
    low = halved(shipped_codec().to(where), goal)
    start = decibels(bicubic(low, 2), goal).mean()

    def loss_of(_):
        low, goal = crops.halved(BATCH, SIDE)
        low[:PLAIN] = F.avg_pool2d(goal[:PLAIN], 2)
        coded, whole = crops.whole_size(WHOLE, SIDE)
        made = net(torch.cat([low, coded]).to(where, memory_format=torch.channels_last))
        same = loss_of_pair(F.avg_pool2d(made[BATCH:], 2), whole.to(where))
        return (BATCH * loss_of_pair(made[:BATCH], goal.to(where)) + WHOLE * same) / (BATCH + WHOLE)

    @torch.no_grad()
    def report(step):
        row = {"step": step, "minutes": round(loop.spent / 60, 1), "overBicubicDb": round(float(decibels(loop.average(low), goal).mean() - start), 3), "n": HELD}
        with open(Path(folder) / "upscale.curve.jsonl", "a") as curve:
            curve.write(json.dumps(row) + "\n")
        print(f"upscale {row}", flush=True)

    loop.run(loss_of, EVERY, report)
    report(loop.step)

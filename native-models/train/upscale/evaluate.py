"""Measurements of the upscaler on pictures it never saw; every figure carries its n."""

import numpy as np
import torch
from torch.nn import functional as F

from upscale.data import halved, through_codec, to_unit


def bicubic(images, factor):
    """[N, 3, H, W] -> [N, 3, factor H, factor W], clamped to 0..1; what a player does without a network."""
    return F.interpolate(images, scale_factor=factor, mode="bicubic", align_corners=False).clamp(0, 1)


def decibels(guess, goal):
    """PSNR per picture in dB, pictures in 0..1, [N]."""
    return -10 * torch.log10((guess.clamp(0, 1) - goal).square().mean((1, 2, 3)).clamp_min(1e-10))


def passes(net, low, factor):
    """`low` enlarged by 2 or 4: one pass, or two with the picture held to 0..1 between them."""
    made = net(low).clamp(0, 1)
    return made if factor == 2 else net(made).clamp(0, 1)


@torch.no_grad()
def gain(net, codec, pictures, factor=2, step=8):
    """PSNR in dB of net and bicubic against pictures uint8 [N, 256, 256, 3], from their small versions through the codec."""
    ours, plain = [], []
    for at in range(0, len(pictures), step):
        goal = to_unit(pictures[at:at + step])
        low = halved(codec, goal, factor)
        ours.append(decibels(passes(net, low, factor), goal))
        plain.append(decibels(bicubic(low, factor), goal))
    ours, plain = torch.cat(ours), torch.cat(plain)
    more = ours - plain
    return {"factor": factor, "psnrDb": round(float(ours.mean()), 2), "bicubicDb": round(float(plain.mean()), 2),
            "overBicubicDb": round(float(more.mean()), 2), "medianDb": round(float(more.median()), 2), "leastDb": round(float(more.min()), 2),
            "betterThanBicubic": int((more > 0).sum()), "n": len(more)}


@torch.no_grad()
def flicker(net, codec, frames):
    """Frame-to-frame change of the error on a film uint8 [T, 256, 256, 3], in grey levels of 255, net and bicubic."""
    goal = to_unit(frames)
    low = halved(codec, goal)
    moving = lambda made: round(float((made - goal).diff(dim=0).abs().mean() * 255), 3)
    own = round(float(goal.diff(dim=0).abs().mean() * 255), 3)
    return {"net": moving(passes(net, low, 2)), "bicubic": moving(bicubic(low, 2)), "film": own, "unit": "grey levels of 255", "n": len(frames) - 1}


@torch.no_grad()
def whole_size(net, codec, pictures, step=4):
    """At the engine's own scale: pictures uint8 [N, 256, 256, 3] through the codec, doubled, halved again by the mean
    of 2 x 2 pixels; PSNR in dB against the pictures, for the net, for bicubic, and for the codec's picture as it is."""
    found = {"net": [], "bicubic": [], "codec": []}
    for at in range(0, len(pictures), step):
        goal = to_unit(pictures[at:at + step])
        coded = through_codec(codec, goal)
        for name, made in (("net", F.avg_pool2d(passes(net, coded, 2), 2)), ("bicubic", F.avg_pool2d(bicubic(coded, 2), 2)), ("codec", coded)):
            found[name].append(decibels(made, goal))
    mean = {name: float(torch.cat(values).mean()) for name, values in found.items()}
    return {"psnrDb": round(mean["net"], 2), "bicubicDb": round(mean["bicubic"], 2), "codecDb": round(mean["codec"], 2),
            "overBicubicDb": round(mean["net"] - mean["bicubic"], 2), "n": len(pictures)}


@torch.no_grad()
def plain_pictures(net, pictures):
    """dB over bicubic where the small picture never went through the codec: outside of what it was fitted to."""
    goal = to_unit(pictures)
    low = F.avg_pool2d(goal, 2)
    more = decibels(passes(net, low, 2), goal) - decibels(bicubic(low, 2), goal)
    return {"overBicubicDb": round(float(more.mean()), 2), "n": len(more)}


def by_look(net, codec, pictures, words, names):
    """Mean dB over bicubic of the held-out pictures under each look, where there are any."""
    out = {}
    for name in names:
        chosen = [i for i, w in enumerate(words) if name in w]
        if chosen:
            out[name] = {key: value for key, value in gain(net, codec, pictures[np.array(chosen)]).items() if key in ("overBicubicDb", "n")}
    return out

"""Measures the shipped upscale model and writes card.md, quality.json and the sheets."""

import json

import numpy as np
import torch

from animate.card import film_frames, spent
from animate.evaluate import held_out
from animate.looks.teacher import FILTERS
from scenes.codec import shipped_codec
from shared import parity
from shared.export import ROOT
from shared.loop import device
from shared.sheets import loss_curve
from upscale import models
from upscale.data import SOFT, held_out_styled
from upscale.evaluate import by_look, flicker, gain, plain_pictures, whole_size
from upscale.net import REACH
from upscale.sheets import sample_sheets
from upscale.train import BATCH, PLAIN as SKIPPING, SIDE, WHOLE

TARGET = ROOT / "models" / "upscale"
STYLED, PLAIN = 96, 48
ALONE, SHARP = 4600, 11811
"""Steps of the shipped weights' training before the engine's own size came in, and before blurred pictures did."""
GOAL_DB = 1.0
"""What the net was to gain over bicubic on its own pictures."""


def measure(folder, film, from_shipped):
    """Every figure of the card, and what the sheets need."""
    device()
    net, codec, frames = models.trained(folder, from_shipped), shipped_codec(), film_frames(film)
    styled, words = held_out_styled(STYLED)
    sources = held_out(PLAIN)
    quality = {
        "model": "upscale-mini", "provider": "torch CPU float32", "seeds": {"training": 1, "heldOut": 2},
        "training": dict(zip(("steps", "minutes"), spent(folder, "upscale"))), "pictures": trained_on(folder),
        "parameters": sum(p.numel() for p in net.parameters()), "goalDb": GOAL_DB, "reach": REACH,
        "styled": gain(net, codec, styled), "plain": gain(net, codec, sources), "film": gain(net, codec, frames),
        "fourfold": {"styled": gain(net, codec, styled[:48], 4), "film": gain(net, codec, frames, 4)},
        "wholeSize": {"styled": whole_size(net, codec, styled[:48]), "film": whole_size(net, codec, frames)},
        "looks": by_look(net, codec, styled, words, FILTERS),
        "withoutCodec": {"styled": plain_pictures(net, styled[:48]), "film": plain_pictures(net, frames)},
        "flicker": flicker(net, codec, frames),
        "runtime": {"provider": "onnxruntime-node, 2 threads, a shared machine", "input": [1, 3, 256, 256],
                    **parity.measure(net, TARGET / "model.onnx", torch.rand(1, 3, 256, 256), runs=60)},
    }
    return quality, net, codec, styled, words, frames


def trained_on(folder):
    """How many pictures the pool in `folder` has, 0 when it is not there."""
    numbers = folder / "pool" / "numbers.npy"
    return len(np.load(numbers)) if numbers.exists() else 0


CARD = """# Upscale mini
Twice the size, for pictures that the [animate](../animate/card.md) engine made. Any width and height; four times in two passes.
Contract: [upscale-compact](../../contracts/upscale-compact.md), ReLU. Licence: MIT, weights included. Made by [native-models/train](../../train/README.md).

## What it was trained on
{pictures} pictures of the animate pool (seed 1: filtered procedural pictures and some unfiltered ones): each was halved by the mean of 2 x 2 pixels, went through the shipped codec of the animate engine, and the net had to find the picture before that. Beside them, a third of each batch: a quarter of the pictures in the engine's own size, through the codec, where nobody knows the picture of twice the size but the mean of each 2 x 2 of its pixels is the picture before the codec. {soft:.0%} of the pictures are blurred first, and {skip} of {batch} crops skip the codec. So it knows the content and the faults of one engine and of nothing else (the idea of STDO, Liu et al., CVPR 2023: a tiny net fitted to what it will be shown). No photograph, no film, no other model.

{parameters:,} parameters, {steps} steps of {batch} crops of {side} x {side} pixels (the first {alone} without the engine's own size, the first {sharp} without blurred pictures and with the codec for all), {minutes} minutes on one core shared with other work.

![loss](loss.png)

## Against bicubic
PSNR against the picture before halving and codec. Held out: procedural pictures of seed 2, looks drawn for them anew, and a film of a toy rabbit on a table (mdn/learning-area, CC0 1.0), of which it never saw a frame.

| pictures | factor | network | bicubic | mean gain | median gain | least gain | better in |
|---|---|---|---|---|---|---|---|
{table}

{verdict}

By look, gain in dB (n): {looks}. The mean is made by a few looks whose tiles and lines stand on a lattice and can be known; the median says what to expect of the rest.

In the engine's own size (256 x 256 through the codec, doubled, halved again by the mean, against the picture before the codec): {own}.

- Where the small picture did not go through the codec: {without_styled:+.2f} dB on styled pictures (n = {without_n}), {without_film:+.2f} dB on the film.
- Frame-to-frame change of the error on the film: {flicker_net} grey levels, bicubic {flicker_bicubic}, the film itself {flicker_film} (n = {flicker_n}).
- 256 x 256 to 512 x 512: {least} ms at least, {median} ms in the median of 60 runs (onnxruntime-node, two threads, a machine that others used too: an indication). Largest difference from torch: {difference:.1e}.

![held-out styled pictures](styled.jpg)
![the film](film.jpg)
![the engine's own pictures, which have no original](engine.jpg)

## What it cannot do
- It sharpens edges, draws screens and tiles that it knows, and mends what the codec does. Other texture is not invented: what the codec lost stays lost.
- Where a texture looks like a screen it sees one: false stripes and crossings in `sketch`, beside bright edges in `blueprint` and `neon`, and in places of the film's wood (see the sheets).
- What is sharp it was taught at 128 pixels a side, where screens, tiles and pixels are half as wide as the engine's at 256: there is no 512-pixel original to learn from. How sharp the engine's own pictures come out could not be measured, only looked at (last sheet).
- The engine's pictures are softer than the filters that taught it; the net was fitted to the codec's faults, not to the U-Net's.
- The codec's cells are 8 pixels wide: give it whole pictures or tiles cut at multiples of 8, with a margin of {reach} pixels.
- Four times is two passes; the second pass sees pictures of a kind that it was not taught.
- The output leaves 0..1 by a little: clamp.
"""


def row(name, v):
    """One row of the table."""
    return (f"| {name} (n = {v['n']}) | {v['factor']} | {v['psnrDb']:.2f} dB | {v['bicubicDb']:.2f} dB | {v['overBicubicDb']:+.2f} dB "
            f"| {v['medianDb']:+.2f} dB | {v['leastDb']:+.2f} dB | {v['betterThanBicubic']} |")


def text(quality):
    """card.md from the figures of quality.json."""
    rows = [("styled", quality["styled"]), ("procedural, no look", quality["plain"]), ("film", quality["film"]),
            ("styled", quality["fourfold"]["styled"]), ("film", quality["fourfold"]["film"])]
    reached = [name for name, v in rows[:3] if v["overBicubicDb"] >= GOAL_DB]
    missed = [name for name, v in rows[:3] if v["overBicubicDb"] < GOAL_DB]
    verdict = f"The goal was {GOAL_DB:+.1f} dB at factor 2. " + " ".join(
        f"{word}: {', '.join(names)}." for word, names in (("Reached", reached), ("Missed", missed)) if names)
    own = "; ".join(f"{name} {v['psnrDb']:.2f} dB, bicubic {v['bicubicDb']:.2f}, the codec's picture itself {v['codecDb']:.2f} (n = {v['n']})"
                    for name, v in quality["wholeSize"].items())
    f, r, w = quality["flicker"], quality["runtime"], quality["withoutCodec"]
    return CARD.format(
        pictures=quality["pictures"], parameters=quality["parameters"], batch=BATCH + WHOLE, side=SIDE, alone=ALONE, sharp=SHARP, soft=SOFT, skip=SKIPPING, **quality["training"],
        table="\n".join(row(*entry) for entry in rows), verdict=verdict, own=own, reach=quality["reach"],
        looks=", ".join(f"{name} {v['overBicubicDb']:+.2f} ({v['n']})" for name, v in quality["looks"].items()),
        without_styled=w["styled"]["overBicubicDb"], without_n=w["styled"]["n"], without_film=w["film"]["overBicubicDb"],
        flicker_net=f["net"], flicker_bicubic=f["bicubic"], flicker_film=f["film"], flicker_n=f["n"],
        least=r["leastMs"], median=r["medianMs"], difference=r["maxDifference"])


def write(folder, film, from_shipped):
    """Measure and write everything into models/upscale."""
    quality, net, codec, styled, words, frames = measure(folder, film, from_shipped)
    (TARGET / "quality.json").write_text(json.dumps(quality, indent=1) + "\n")
    sample_sheets(net, codec, styled, words, frames, TARGET)
    loss_curve(folder, TARGET / "loss.png", ("upscale",))
    (TARGET / "card.md").write_text(text(quality))

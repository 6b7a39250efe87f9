"""Measures the shipped matting model and writes card.md, quality.json and the sheets."""

import json

import numpy as np
import torch
from torch.nn import functional as F

from animate.card import film_frames, spent
from matting import models, pool
from matting.evaluate import (HeldOutBackgrounds, PEOPLE, errors, errors_of, film_share, guesses_without_a_net,
                              held_out, held_out_scenes, mattes, steadiness)
from matting.sheets import sample_sheets
from matting.train import BATCH, GROWN, LARGE, SMALL
from shared import parity
from shared.export import ROOT
from shared.loop import device
from shared.sheets import loss_curve

TARGET = ROOT / "models" / "matting"
COUNT, EMPTY = 192, 48
SIZES = {"below a tenth": (0.001, 0.1), "a tenth to a third": (0.1, 1 / 3), "above a third": (1 / 3, 1.0)}
"""Classes of held-out pictures by how much of the picture the people cover."""


def mean_matte(people):
    """The mean coverage of the training people, [256, 256] in 0..1."""
    layers, ready = pool.read(people)
    return np.mean([layers[i, ..., 3] for i in np.flatnonzero(ready)[:600]], axis=0).astype(np.float32) / 255


def enlarged(pictures, mattes_, factor=2):
    """Pictures uint8 [N, H, W, 3] and mattes [N, H, W], bilinearly `factor` times as large."""
    larger = lambda t: F.interpolate(t, scale_factor=factor, mode="bilinear", align_corners=False)
    big = larger(torch.from_numpy(pictures).permute(0, 3, 1, 2).float()).round().byte().permute(0, 2, 3, 1).numpy()
    return big, larger(torch.from_numpy(mattes_)[:, None])[:, 0].numpy()


def measure(folder, people, film, from_shipped):
    """Every figure of the card, and what the sheets need."""
    device()
    net, frames, scenes = models.trained(folder, from_shipped), film_frames(film), held_out_scenes()
    pictures, truth = held_out(COUNT, scenes)
    cover, guess = truth.mean((1, 2)), mattes(net, pictures)
    within = lambda low, high: (cover > low) & (cover <= high)
    empty = (np.stack(HeldOutBackgrounds(EMPTY).made) * 255 + 0.5).astype(np.uint8)
    time_at = lambda h, w: {"input": [1, 3, h, w], **parity.measure(net, TARGET / "model.onnx", torch.rand(1, 3, h, w) * 2 - 1, runs=60)}
    quality = {
        "model": "matting-mini", "provider": "torch CPU float32", "resolution": 256, "seeds": {"training": 1, "heldOut": 2},
        "training": dict(zip(("steps", "minutes"), spent(folder, "matting"))),
        "people": {"training": int(pool.read(people)[1].sum()), "heldOut": PEOPLE},
        "parameters": sum(p.numel() for name, p in net.named_parameters() if not name.startswith("coarse")),
        "heldOut": errors_of(guess, truth), "meanMatte": guesses_without_a_net(truth, mean_matte(people)),
        "bySize": {name: errors_of(guess[within(*bounds)], truth[within(*bounds)]) for name, bounds in SIZES.items()},
        "first48": errors_of(guess[:48], truth[:48]), "at512": errors(net, *enlarged(pictures[:48], truth[:48])),
        "nobody": film_share(net, empty), "film": film_share(net, frames),
        "steadiness": steadiness(net, scenes),
        "runtime": {"provider": "onnxruntime-node, 2 threads, a shared machine", "at256": time_at(256, 256), "at512x288": time_at(288, 512)},
    }
    return quality, net, pictures, truth, frames


CARD = """# Matting mini
Cuts people out of a picture: one picture in, one matte out, no trimap. Meant for 256 x 256; any multiple of 32.
Contract: [matting-modnet](../../contracts/matting-modnet.md). Licence: MIT, weights included. Made by [native-models/train](../../train/README.md).

**Procedural people only.** It has never seen a photograph of a person, and neither did any measurement below. How well it cuts real people out is not known. Use a public MODNet where that matters; this one makes the feature work without a download.

## What it was trained on
{training_people} drawn people (seed 1: faces of the animate pool's kind with bodies, arms, hands, hair, hats and held things; busts, half figures, whole figures, some from behind, some partly out of the picture) before pictures of the animate pool without people: rooms, table tops, landscapes, lettering, noise, their filtered versions. The matte is the coverage that was painted, not an estimate. Each picture was filmed: exposure, white balance, blur, motion blur, noise, JPEG; 6 % show nobody, 14 % two people, 12 % a table before the person.

{parameters:,} parameters, {steps} steps (batches of {batch} at {small} x {small} pixels, for the last {late:.0%} of the time {half} at {large} x {large}), {minutes} minutes on one core shared with other work. Loss: matte L1, gradient L1, composition L1, Laplacian pyramid, cross entropy.

![loss](loss.png)

## Held out
{held_people} people and backgrounds of seed 2, filmed alike. MAD, MSE: mean absolute and squared difference of the mattes; gradient: mean difference of the gradients' lengths; IoU: of the pixels above a half. The last row needs no network: it is the mean matte of the training people.

| pictures | n | MAD | MSE | gradient | IoU |
|---|---|---|---|---|---|
{table}

- Nobody there: the matte's mean is {nobody:.4f} on {nobody_n} held-out pictures without people ({nobody_half:.2%} of the pixels above a half).
- A film of a toy rabbit on a table (mdn/learning-area, CC0 1.0; nobody in it either): mean {film:.4f}, {film_half:.2%} above a half (n = {film_n}).
- Steadiness: people drifting by fractions of a pixel, fresh noise in each frame; frame-to-frame change of the matte's error {error} of 255, with a running mean over two frames {smooth} (0 = as steady as the truth, which itself changes by {own}; {clips} clips of {frames} frames).
- 256 x 256: {least} ms at least, {median} ms in the median of 60 runs; 512 x 288: {wide_least} and {wide_median} ms (onnxruntime-node, two threads, a machine that others used too: an indication). Largest difference from torch: {difference:.1e}.

![held-out people](people.jpg)
![the worst of them](worst.jpg)
![a film without people](film.jpg)

## What it cannot do
- Real people, as said above: unknown. Its people have flat shapes, few poses and painted cloth.
- Every picture stands alone; a matte flickers. Average it over time.
- Hair finer than a pixel or two becomes a soft rim; single hairs are lost.
- Small people ({small_iou:.2f} IoU below a tenth of the picture) are often missed or ragged; the worst sheet shows how it fails.
- It is meant for 256 x 256. The same pictures at 512 x 512 give MAD {big_mad} instead of {few_mad}: scale down first.
- What counts as part of a person is what was drawn so: hats, headphones, held things. Chairs, desks, pets do not; a toy with a face may.
- Colours at the edge are not estimated: the matte cuts, it does not remove the old background's light.
"""


def row(name, v):
    """One row of the table."""
    return f"| {name} | {v['n']} | {v['mad']:.4f} | {v['mse']:.4f} | {v['gradient']:.4f} | {v['iou']:.3f} |"


def text(quality):
    """card.md from the figures of quality.json."""
    q, s, r = quality, quality["steadiness"], quality["runtime"]
    rows = [("all", q["heldOut"])] + [(f"people cover {name}", v) for name, v in q["bySize"].items()]
    rows += [("the first 48, enlarged to 512 x 512", q["at512"]), ("no network: the mean matte", q["meanMatte"])]
    return CARD.format(
        training_people=q["people"]["training"], held_people=q["people"]["heldOut"], parameters=q["parameters"], **q["training"],
        batch=BATCH, half=BATCH // 2, small=SMALL, large=LARGE, late=1 - GROWN, table="\n".join(row(*entry) for entry in rows),
        nobody=q["nobody"]["mean"], nobody_n=q["nobody"]["n"], nobody_half=q["nobody"]["aboveHalf"],
        film=q["film"]["mean"], film_half=q["film"]["aboveHalf"], film_n=q["film"]["n"],
        error=s["error"], smooth=s["errorOfRunningMean"], own=s["truth"], clips=s["clips"], frames=s["frames"],
        least=r["at256"]["leastMs"], median=r["at256"]["medianMs"], wide_least=r["at512x288"]["leastMs"], wide_median=r["at512x288"]["medianMs"],
        difference=max(r["at256"]["maxDifference"], r["at512x288"]["maxDifference"]),
        small_iou=q["bySize"]["below a tenth"]["iou"], big_mad=q["at512"]["mad"], few_mad=q["first48"]["mad"])


def write(folder, people, film, from_shipped):
    """Measure and write everything into models/matting."""
    quality, net, pictures, truth, frames = measure(folder, people, film, from_shipped)
    (TARGET / "quality.json").write_text(json.dumps(quality, indent=1) + "\n")
    sample_sheets(net, pictures, truth, frames, TARGET)
    loss_curve(folder, TARGET / "loss.png", ("matting",))
    (TARGET / "card.md").write_text(text(quality))

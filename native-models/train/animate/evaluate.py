"""Measurements on pictures the models never saw; every figure carries its n."""

import itertools

import numpy as np
import torch

from animate import vocabulary

from animate.data.pictures import KINDS, picture
from animate.looks.teacher import FILTERS, render
from animate.nets.judge import CLASSES
from animate.sampling import animate
from animate.stages.codec import psnr, to_tensor

HELD_OUT = 2
SCENES = ("portrait", "desk", "room", "landscape")


def held_out(count, kinds=KINDS):
    """The first `count` pictures of seed 2 of the given kinds, uint8 [count, 256, 256, 3]."""
    found = (picture(i, HELD_OUT) for i in itertools.count())
    return np.stack([p for p, _ in itertools.islice(((p, k) for p, k in found if k in kinds), count)])


def edge_map(image):
    """Gradient magnitude of luma averaged over the codec's 8x8 cells, [B, H/8 - 1, W/8 - 1].

    Averaging first keeps the screen of a halftone from counting as an edge.
    """
    grey = (image * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    grey = torch.nn.functional.avg_pool2d(grey, 8)
    gy, gx = grey.diff(dim=2)[..., :-1], grey.diff(dim=3)[..., :-1, :]
    return (gx * gx + gy * gy).sqrt()[:, 0]


def correlation(a, b):
    """Pearson correlation per row of two [B, ...] tensors."""
    a, b = a.flatten(1) - a.flatten(1).mean(1, keepdim=True), b.flatten(1) - b.flatten(1).mean(1, keepdim=True)
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1) + 1e-9)


def change(a, b):
    """Mean absolute difference of pictures in -1..1 as a share of the full range."""
    return float((a - b).abs().mean() / 2)


@torch.no_grad()
def shift_flicker(encoder, decoder, images, shifts=((0, 1), (1, 0), (3, 2), (4, 4), (5, 7))):
    """How much a codec's result changes when the picture only moves, in grey levels of 255.

    Pictures [B, 3, H, W] are moved by whole pixels (less than a cell), coded, moved back, and held
    against the result of the unmoved ones: mean absolute difference.
    """
    side = images.shape[-1] - 8
    still, found = decoder(encoder(images[..., :side, :side])), []
    for dy, dx in shifts:
        moved = decoder(encoder(images[..., dy:dy + side, dx:dx + side]))
        found.append((still[..., dy:, dx:] - moved[..., :side - dy, :side - dx]).abs().mean())
    return float(torch.stack(found).mean() * 127.5)


def film_flicker(made, frames):
    """Frame-to-frame change of the codec's error on a film [T, 3, H, W], in grey levels of 255, and
    the film's own frame-to-frame change in the same unit."""
    error = made - frames
    return float((error[1:] - error[:-1]).abs().mean() * 127.5), float((frames[1:] - frames[:-1]).abs().mean() * 127.5)


@torch.no_grad()
def codec_figures(codec, pictures, frames):
    """PSNR in dB on held-out synthetic pictures and on film frames, with n; and flicker in grey levels."""
    out = {}
    for name, images in (("heldOutSynthetic", pictures), ("film", frames)):
        rows = torch.cat([psnr(codec.decoder(codec.encoder(to_tensor(p))), to_tensor(p)) for p in np.array_split(images, max(1, len(images) // 8))])
        out[name] = {"psnrDb": round(float(rows.mean()), 2), "worstDb": round(float(rows.min()), 2), "n": len(rows)}
    film = to_tensor(frames)
    error, own = film_flicker(codec.decoder(codec.encoder(film)), film)
    out["flicker"] = {"movedPicture": round(shift_flicker(codec.encoder, codec.decoder, to_tensor(pictures[:24, :200, :200].copy())), 3),
                      "filmError": round(error, 3), "filmOwnChange": round(own, 3), "unit": "grey levels of 255"}
    return out


@torch.no_grad()
def judge_on_teacher(judge, codec, pictures):
    """How many of the teacher's own pictures (through the codec) the judge names right, per look."""
    named = {}
    for look in FILTERS:
        made = [render(p / np.float32(255), [look], np.random.default_rng(i)) for i, p in enumerate(pictures)]
        image = to_tensor((np.stack(made) * 255).astype(np.uint8))
        named[look] = int((judge(codec.decoder(codec.encoder(image))).argmax(1) == CLASSES.index(look)).sum())
    return {"named": named, "n": len(pictures)}


@torch.no_grad()
def look_figures(net, codec, judge, pictures, steps=1):
    """Per look: recognised share at strength 1 and 0.8, edge correlation, diversity, change.

    Diversity is the mean over pixels of the standard deviation over four seeds,
    for the model and for the teacher with four hidden seeds.
    """
    image = to_tensor(pictures)
    seeds = np.arange(len(pictures)) + 100
    own = change(codec.decoder(codec.encoder(image)), image)
    looks, firsts = {}, {}
    for look in FILTERS:
        prompts = [look] * len(pictures)
        full = animate(net, codec, image, prompts, 1.0, seeds, steps)
        less = animate(net, codec, image, prompts, 0.8, seeds, steps)
        again = [full[:8]] + [animate(net, codec, image[:8], prompts[:8], 1.0, seeds[:8] + 1000 * k, steps) for k in (1, 2, 3)]
        taught = torch.stack([torch.cat([to_tensor((render(p / np.float32(255), [look], np.random.default_rng([9, k, i])) * 255).astype(np.uint8)[None])
                                         for i, p in enumerate(pictures[:8])]) for k in range(4)])
        recognised = [float((judge(x).argmax(1) == CLASSES.index(look)).float().mean()) for x in (full, less)]
        looks[look] = {
            "recognisedAtStrength1": round(recognised[0], 3), "recognisedAtStrength08": round(recognised[1], 3),
            "edgeCorrelation": round(float(correlation(edge_map(full), edge_map(image)).mean()), 3),
            "changeFromInput": round(change(full, image), 4), "betweenTwoSeeds": round(change(again[0], again[1]), 4),
            "diversity": round(float(torch.stack(again).std(0).mean() / 2), 4),
            "teacherDiversity": round(float(taught.std(0).mean() / 2), 4),
            "contrastRatio": round(float(full[:8].std() / taught[0].std()), 3), "n": len(pictures)}
        firsts[look] = full[:8]
    offered = vocabulary.offered()[2]["look"]
    pairs = {f"{a}/{b}": change(firsts[a], firsts[b]) for a, b in itertools.combinations(offered, 2)}
    nearest = min(pairs, key=pairs.get)
    empty = animate(net, codec, image, [""] * len(pictures), 1.0, seeds, steps)
    unheard = animate(net, codec, image, ["quantum accountant"] * len(pictures), 1.0, seeds, steps)
    return {"looks": looks, "codecOwnChange": round(own, 4), "emptyPromptChange": round(change(empty, image), 4),
            "unknownWordsChange": round(change(unheard, image), 4),
            "closestLooks": {"pair": nearest, "difference": round(pairs[nearest], 4), "n": 8},
            "largestTwoSeedDifference": max(looks[look]["betweenTwoSeeds"] for look in offered)}


@torch.no_grad()
def film_figures(net, codec, frames):
    """Frame-to-frame change of the output over that of the input, per look, one seed, one step.

    1 means: as steady as the film itself.
    """
    image = to_tensor(frames)
    base = change(image[1:], image[:-1])
    out = {}
    for look in FILTERS:
        made = animate(net, codec, image, [look] * len(frames), 1.0, [7] * len(frames))
        out[look] = round(change(made[1:], made[:-1]) / base, 2)
    return {"frameToFrameRatio": out, "inputFrameToFrame": round(base, 4), "n": len(frames) - 1}

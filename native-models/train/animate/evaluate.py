"""Measurements on pictures the models never saw; every figure carries its n."""

import itertools

import numpy as np
import torch

from animate import vocabulary

from animate.data.pictures import KINDS, picture
from animate.data.latents import blend_of
from animate.looks.teacher import FILTERS, render
from animate.vocabulary import GROUPS, WORDS
from animate.nets.judge import head_of
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


def taught_pictures(pictures, word, seed):
    """What the teacher makes of pictures [B, H, W, 3] for one word, in -1..1."""
    made = [render(p / np.float32(255), [word], np.random.default_rng([9, seed, i])) for i, p in enumerate(pictures)]
    return to_tensor((np.stack(made) * 255).astype(np.uint8))


def rate(named):
    """Share of True, to three places."""
    return round(float(named.float().mean()), 3)


@torch.no_grad()
def judge_on_teacher(judge, codec, pictures):
    """How many of the teacher's own pictures (through the codec) the judge names right, per word;
    and how many it still names where the target lies three quarters of the way (strength 0.5)."""
    full, half = {}, {}
    source = codec.encoder(to_tensor(pictures))
    coded = codec.decoder(source)
    for word in WORDS:
        target = codec.encoder(taught_pictures(pictures, word, 0))
        full[word] = rate(judge.names(codec.decoder(target), coded, word))
        half[word] = rate(judge.names(codec.decoder(source + blend_of(0.5) * (target - source)), coded, word))
    return {"named": full, "namedAtStrength05": half, "n": len(pictures)}


@torch.no_grad()
def word_figures(net, codec, judge, pictures, words, steps=1):
    """Per word alone: recognised share at strengths 1, 0.8 and 0.5; at 0.5 edge correlation with the
    input and change from it as a multiple of the codec's own; diversity over four seeds against the
    teacher's over four hidden seeds."""
    image = to_tensor(pictures)
    seeds = np.arange(len(pictures)) + 100
    coded = codec.decoder(codec.encoder(image))
    own = change(coded, image)
    found = {}
    for word in words:
        make = lambda strength, rows=len(pictures), shift=0: animate(
            net, codec, image[:rows], [word] * rows, strength, seeds[:rows] + shift, steps)
        full, most, half = (make(strength) for strength in (1.0, 0.8, 0.5))
        again = [full[:8]] + [make(1.0, 8, 1000 * k) for k in (1, 2, 3)]
        taught = codec.decoder(codec.encoder(torch.cat([taught_pictures(pictures[:8], word, k) for k in range(4)])))
        taught = taught.reshape(4, 8, *taught.shape[1:])
        found[word] = {
            "group": head_of(word), "recognisedAtStrength1": rate(judge.names(full, coded, word)),
            "recognisedAtStrength08": rate(judge.names(most, coded, word)), "recognisedAtStrength05": rate(judge.names(half, coded, word)),
            "edgeCorrelationAtStrength05": round(float(correlation(edge_map(half), edge_map(image)).mean()), 3),
            "changeAtStrength05OverCodec": round(change(half, image) / own, 2),
            "edgeCorrelation": round(float(correlation(edge_map(full), edge_map(image)).mean()), 3),
            "changeFromInput": round(change(full, image), 4), "betweenTwoSeeds": round(change(again[0], again[1]), 4),
            "diversity": round(float(torch.stack(again).std(0).mean() / 2), 4),
            "teacherDiversity": round(float(taught.std(0).mean() / 2), 4),
            "contrastRatio": round(float(full[:8].std() / taught[0].std()), 3), "n": len(pictures)}
    return found


@torch.no_grad()
def look_figures(net, codec, judge, pictures, steps=1):
    """Every word alone, how far looks lie apart, and what prompts without a known word do."""
    image, seeds = to_tensor(pictures), np.arange(len(pictures)) + 100
    words = word_figures(net, codec, judge, pictures, WORDS, steps)
    offered = vocabulary.offered()[2]["look"]
    firsts = {look: animate(net, codec, image[:8], [look] * 8, 1.0, seeds[:8], steps) for look in offered}
    pairs = {f"{a}/{b}": change(firsts[a], firsts[b]) for a, b in itertools.combinations(offered, 2)}
    nearest = min(pairs, key=pairs.get)
    own = change(codec.decoder(codec.encoder(image)), image)
    empty = animate(net, codec, image, [""] * len(pictures), 1.0, seeds, steps)
    unheard = animate(net, codec, image, ["quantum accountant"] * len(pictures), 1.0, seeds, steps)
    spread = [(w["diversity"], w["teacherDiversity"]) for w in words.values()]
    return {"words": words, "codecOwnChange": round(own, 4), "emptyPromptChange": round(change(empty, image), 4),
            "unknownWordsChange": round(change(unheard, image), 4),
            "diversityOverTeacher": round(sum(a for a, _ in spread) / sum(b for _, b in spread), 3),
            "closestLooks": {"pair": nearest, "difference": round(pairs[nearest], 4), "n": 8},
            "largestTwoSeedDifference": max(words[look]["betweenTwoSeeds"] for look in offered)}


@torch.no_grad()
def guidance_figures(net, codec, judge, pictures, strong=1.5):
    """What a negative word takes away, and what guidance adds.

    `negative`: share of pictures of "comic WORD" in which the judge names WORD (a palette or weather),
    and the same with WORD as the negative prompt, at guidance `strong`. `guided`: recognised share of
    each look at strength 0.5, unguided and by default away from the source.
    """
    image, seeds, count = to_tensor(pictures), np.arange(len(pictures)) + 100, len(pictures)
    coded = codec.decoder(codec.encoder(image))
    taken = {}
    for word in GROUPS["palette"] + GROUPS["weather"]:
        make = lambda **how: animate(net, codec, image, [f"comic {word}"] * count, 1.0, seeds, 1, **how)
        taken[word] = {"without": rate(judge.names(make(), coded, word)),
                       "full": rate(judge.names(make(guidance=strong, negative=word, mode="full"), coded, word)),
                       "onetime": rate(judge.names(make(guidance=strong, negative=word, mode="onetime"), coded, word))}
    added = {}
    for look in vocabulary.offered()[2]["look"]:
        make = lambda **how: animate(net, codec, image, [look] * count, 0.5, seeds, 1, **how)
        plain, guided = make(mode="none"), make()
        added[look] = {"unguided": rate(judge.names(plain, coded, look)), "guided": rate(judge.names(guided, coded, look)),
                       "changeUnguided": round(change(plain, image), 4), "changeGuided": round(change(guided, image), 4)}
    return {"strong": strong, "negative": taken, "guided": added, "n": count}


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

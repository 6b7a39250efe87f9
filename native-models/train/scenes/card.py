"""Measures the scenes model and writes card.md, quality.json and the sheets."""

import json
from pathlib import Path

import numpy as np

from scenes import models
from scenes.codec import decode, encode, shipped_codec
from scenes.evaluate import diversity, drift, recognised, roll_many, switch
from scenes.pool import Pool
from scenes.shape import SIGMAS
from scenes.sheets import sheets
from scenes.world.clips import HELD_OUT, draw, render, sentence
from scenes.world.scene import CHOICES
from shared.export import ROOT
from shared.loop import device
from shared.sheets import loss_curve

HELD, MINUTE = 48, 160
SHOWS = tuple({**dict.fromkeys(CHOICES), "weather": "clear", "camera": "steady", **words} for words in (
    {"place": "mountains", "time": "day", "camera": "right"}, {"place": "sea", "time": "dusk", "subject": "boat", "colour": "white", "motion": "bobbing"},
    {"place": "city", "time": "night", "style": "neon", "camera": "left"}, {"place": "desert", "time": "dawn", "style": "flat"}))


def codec_figures(codec, count=80):
    """PSNR of the codec on pictures of this world, per style and over all."""
    rng, errors = np.random.default_rng(9), {}
    for i in range(count):
        attributes = draw(rng)
        picture = render(attributes, 7000 + i, [int(rng.integers(200))])
        error = (picture.astype(np.float64) - decode(codec, encode(codec, picture))).__pow__(2).mean()
        errors.setdefault(attributes["style"] or "plain", []).append(error)
    decibel = lambda e: round(float(10 * np.log10(255**2 / np.mean(e))), 2)
    return {"n": count, "all": decibel(sum(errors.values(), [])), **{style: decibel(e) for style, e in sorted(errors.items())}}


def spent(folder, name):
    """{"steps", "minutes"} from a stage's log."""
    log = Path(folder) / f"{name}.log.jsonl"
    if not log.exists():
        return {"steps": 0, "minutes": 0}
    last = json.loads(log.read_text().splitlines()[-1])
    return {"steps": last["step"], "minutes": round(last["seconds"] / 60, 1)}


def measure(folder, pool, net, codec, shows):
    """Every figure of the card."""
    probe = models.probe(folder)
    rng = np.random.default_rng(31)
    pairs = [(draw(rng), draw(rng)) for _ in range(5)]
    return {
        "model": "scenes", "provider": "torch CPU float32", "resolution": [256, 128], "sigmas": list(SIGMAS),
        "seeds": {"heldOut": 900, "drift": 40, "switch": 70},
        "training": {name: spent(folder, name) for name in ("scenes", "probe")},
        "parameters": {"step": sum(p.numel() for p in net.step.parameters()), "text": sum(p.numel() for p in net.text.parameters())},
        "codecPsnrDb": codec_figures(codec),
        "clips": len(Pool(pool)), "heldOutCombinations": len(HELD_OUT),
        "probeOnRealVideo": {k: round(r / n, 3) for k, (r, n) in json.loads((Path(folder) / "probe.accuracy.json").read_text()).items()},
        "heldOut": recognised(net, codec, probe, HELD),
        "twoSteps": recognised(net, codec, probe, HELD // 2, sigmas=(SIGMAS[0], SIGMAS[2])),
        "drift": drift(codec, probe, shows),
        "switch": switch(net, codec, probe, pairs),
        "diversity": [dict(zip(("model", "world"), diversity(net, codec, a))) for a in SHOWS[:3]],
    }


def write(folder, pool, from_shipped):
    """Measure and write everything into models/scenes."""
    device()
    target = ROOT / "models" / "scenes"
    net, codec = models.trained(folder, from_shipped), shipped_codec()
    shows = list(zip(SHOWS, roll_many(net, [sentence(a) for a in SHOWS], range(40, 40 + len(SHOWS)), MINUTE)))
    quality = measure(folder, pool, net, codec, shows)
    (target / "quality.json").write_text(json.dumps(quality, indent=1) + "\n")
    sheets(net, codec, target, shows)
    loss_curve(folder, target / "loss.png", ("scenes", "probe"))
    (target / "card.md").write_text(text(quality))


CARD = """# Scenes
An endless picture from words: place, time of day, weather, subject and colour, motion, camera, style. 256 x 128 at 8 frames a second, for ever, on a CPU.
Contract: [generate](../../contracts/generate.md). Licence: MIT, weights included. Made by [native-models/train](../../train/README.md).

![what some prompts give, three seconds in](prompts.jpg)

## What it was trained on
Nothing but clips drawn by `train/scenes/world`: {clips} shows of 24 frames (seeds 0 to {last_clip}), a fifth of them with a change of prompt. No photograph, no film, no other model. Of the {combinations} combinations of place, time, weather and style {held} were kept out of training and are what is measured below.

| part | parameters | steps | minutes |
|---|---|---|---|
| text encoder + causal transformer | {parameters:,} | {steps} batches (40 pictures, 12 chunks under a start or 12 chunks under a window) | {minutes} (two processes on two CPU cores shared with other work) |
| probe (only for measuring) | | {probe_steps} | {probe_minutes} |

![loss curve](loss.png)

The loss was measured on different mixes: single pictures first, then chunks under their true history, then chunks under a history of the model's own making.

## Figures
The codec gives this world back at {psnr} dB ({psnr_styles}; n = {psnr_n} pictures).

Words recognised by the probe in the first second of a show (chunks 2 and 3), {n} held-out combinations, {levels} levels:

{table}

Contrast, sharpness and saturation over those of the true world: {contrast}, {sharp}, {saturation} (1 = the same; below 1 in sharpness = softer).

### A minute
{shows} shows of {seconds:.0f} s, ten pictures from the first and ten from the last quarter minute. Last over first: {drift}.

![a minute of four shows](minute.jpg)

### A change of prompt
Changed words recognised 1, 2, 3 and 4 chunks after the change: {recache} with KV re-cache, {keep} without. Mean change of the picture at the border: {jump} grey levels, {usual} from frame to frame before it.

![a change of prompt with and without re-cache](switch.jpg)

### Seeds
Standard deviation over four seeds in grey levels, model (world): {diversity}.

![the same prompts with four seeds](seeds.jpg)

## What it cannot do
- It was trained for an hour and a half on two shared CPU cores, some thousand times less than such models are given. Its pictures are soft: outlines, windows and small subjects come out as hints. Below the target of 70 %: {missed}.
- It knows {words} words and their listed synonyms. Anything else is ignored; a prompt without a known word gives some scene.
- Words for motion and camera ask for things that only show over time; they were measured over six frames only.
- Rain streaks, snow flakes and stars are smaller than the codec's cells; they come out as their light and colour.
- The sink keeps the first chunk of a show for ever: after a change of prompt it still shows the old scene, which the model was taught to overrule.
- Two words of one category ("sea desert") were never taught together.
- Recognition is measured with a probe of our own on procedural video; no human rating was used.
"""


def text(quality):
    """card.md from the figures of quality.json."""
    held, drifted, changed, psnr = quality["heldOut"], quality["drift"], quality["switch"], dict(quality["codecPsnrDb"])
    real, two = quality["probeOnRealVideo"], quality["twoSteps"]["words"]
    rows = [f"| {key} | {v['share']:.0%} ({v['n']}) | {two[key]['share']:.0%} | {real[key]:.0%} |" for key, v in held["words"].items()]
    share = lambda part: ", ".join(f"{s:.0%}" for s in part["rightAfterChunks"])
    missed = [f"{key} ({v['share']:.0%})" for key, v in held["words"].items() if v["share"] < 0.7]
    from scenes import vocabulary
    count, style_psnr = psnr.pop("n"), psnr.pop("all")
    return CARD.format(
        clips=quality["clips"], last_clip=quality["clips"] - 1, combinations=320, held=quality["heldOutCombinations"],
        parameters=sum(quality["parameters"].values()), **quality["training"]["scenes"],
        probe_steps=quality["training"]["probe"]["steps"], probe_minutes=quality["training"]["probe"]["minutes"],
        psnr=style_psnr, psnr_n=count, psnr_styles=", ".join(f"{k} {v}" for k, v in psnr.items()), n=held["n"], levels=len(quality["sigmas"]),
        table="| words | recognised (n) | two levels | the probe on true video |\n|---|---|---|---|\n" + "\n".join(rows),
        contrast=held["contrastRatio"], sharp=held["sharpnessRatio"], saturation=held["saturationRatio"],
        shows=drifted["shows"], seconds=drifted["seconds"], drift=", ".join(f"{k} {v}" for k, v in drifted["lastOverFirst"].items()),
        recache=share(changed["recache"]), keep=share(changed["keep"]), jump=changed["recache"]["borderJump"], usual=changed["recache"]["usualStep"],
        diversity=", ".join(f"{d['model']} ({d['world']})" for d in quality["diversity"]),
        missed=", ".join(missed) or "none", words=len(vocabulary.WORDS))

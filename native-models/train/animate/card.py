"""Measures the shipped animate model and writes card.md, quality.json and the sheets."""

import json
import subprocess
from pathlib import Path

import numpy as np

from animate import models
from animate import vocabulary
from animate.data.pairs import SOURCES, TARGETS
from animate.evaluate import (SCENES, codec_figures, film_figures, guidance_figures, held_out, judge_on_teacher, look_figures,
                              word_figures)
from animate.looks.teacher import FILTERS
from animate.sheets import sample_sheets
from shared.export import ROOT
from shared.loop import device
from shared.sheets import curve, loss_curve

LOOK_COUNT = 24


def film_frames(path, count=24, start=2.0):
    """Consecutive frames of a film, centre square, uint8 [count, 256, 256, 3]."""
    command = ["ffmpeg", "-loglevel", "error", "-ss", str(start), "-i", str(path), "-frames:v", str(count),
               "-vf", "crop=min(iw\\,ih):min(iw\\,ih),scale=256:256", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, 256, 256, 3).copy()


STAGES = ("codec", "polish", "animate", "distilled", "judge")


def spent(folder, name, before):
    """Steps and minutes from a stage's log; of one that did not run here what the card before says."""
    log = Path(folder) / f"{name}.log.jsonl"
    if not log.exists():
        return before.get(name, {"steps": 0, "minutes": 0})
    last = json.loads(log.read_text().splitlines()[-1])
    return {"steps": last["step"], "minutes": round(last["seconds"] / 60, 1)}


def polish_curve(folder, before):
    """Rows of the decoder's training: step, minutes, PSNR and flicker on held-out pictures."""
    path = Path(folder) / "polish.curve.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else before


def two_checkpoints(rows):
    """The last checkpoint and one at 60 % of the way: how much the rest of the training brought."""
    if not rows:
        return None
    return [min(rows, key=lambda row: abs(row["step"] - 0.6 * rows[-1]["step"])), rows[-1]]


def measure(folder, film):
    """Every figure of the card."""
    device()
    codec, judge = models.codec(folder), models.judge(folder)
    net, stage = models.animate(folder)
    frames = film_frames(film)
    pictures = held_out(LOOK_COUNT, SCENES)
    file = ROOT / "models" / "animate" / "quality.json"
    before = json.loads(file.read_text()) if file.exists() else {"training": {}, "codec": {}}
    rows = polish_curve(folder, before["codec"].get("polish", []))
    quality = {
        "model": "animate-mini", "stage": stage, "resolution": 256, "provider": "torch CPU float32",
        "seeds": {"training": 1, "heldOut": 2, "noise": "100 + picture"},
        "training": {name: spent(folder, name, before["training"]) for name in STAGES},
        "parameters": {name: sum(p.numel() for p in part.parameters()) for name, part in
                       (("encoder", codec.encoder), ("decoder", codec.decoder), ("text", net.text), ("unet", net.unet))},
        "judge": json.loads((Path(folder) / "judge.accuracy.json").read_text()),
        "judgeOnTeacher": judge_on_teacher(judge, codec, pictures[:12]),
        "codec": {**codec_figures(codec, held_out(64), frames), "polish": rows, "twoCheckpoints": two_checkpoints(rows)},
        "oneStep": look_figures(net, codec, judge, pictures, 1),
        "fourSteps": word_figures(net, codec, judge, pictures[:8], list(FILTERS), 4),
        "guidance": guidance_figures(net, codec, judge, pictures[:12]),
        "film": film_figures(net, codec, frames),
    }
    return quality, net, codec, frames


def table(quality):
    """The per-word table in Markdown."""
    head = ("| word | of the teacher's | recognised s=1 / 0.8 / 0.5 | 4 steps | edges at 0.5 | change at 0.5 | diversity (teacher) | film steadiness |\n"
            "|---|---|---|---|---|---|---|---|\n")
    rows, taught = [], quality["judgeOnTeacher"]["named"]
    for word, v in quality["oneStep"]["words"].items():
        four = quality["fourSteps"].get(word)
        steady = quality["film"]["frameToFrameRatio"].get(word)
        rows.append(f"| {word} | {taught[word]:.0%} | {v['recognisedAtStrength1']:.0%} / {v['recognisedAtStrength08']:.0%} / {v['recognisedAtStrength05']:.0%} "
                    f"| {format(four['recognisedAtStrength1'], '.0%') if four else ''} "
                    f"| {v['edgeCorrelationAtStrength05']:.2f} | {v['changeAtStrength05OverCodec']:.1f} | {v['diversity']:.3f} ({v['teacherDiversity']:.3f}) "
                    f"| {'' if steady is None else format(steady, '.2f')} |")
    return head + "\n".join(rows)


def guidance_text(figures):
    """What negative words and guidance did, in a sentence each."""
    heard = {word: v for word, v in figures["negative"].items() if v["without"] >= 0.5}
    mean = lambda key: sum(v[key] for v in heard.values()) / max(1, len(heard))
    change = [(v["changeUnguided"], v["changeGuided"]) for v in figures["guided"].values()]
    named = [(v["unguided"], v["guided"]) for v in figures["guided"].values()]
    average = lambda values: sum(values) / max(1, len(values))
    return (f"- Guidance, n = {figures['n']} pictures a word: by 1.2 away from the source, as everywhere above, looks at strength 0.5 are recognised on "
            f"{average([b for _, b in named]):.0%} of the pictures instead of {average([a for a, _ in named]):.0%}, and differ from the source "
            f"{sum(b for _, b in change) / sum(a for a, _ in change):.2f} times as much.\n- Negative prompts: of the {len(heard)} palettes and weathers that are "
            f"recognised in \"comic WORD\", {mean('without'):.0%} of the pictures show WORD; led away from WORD by {figures['strong']} it is {mean('full'):.0%} "
            f"(every step) and {mean('onetime'):.0%} (first step).")


def checkpoints_text(pair):
    """The two checkpoints that tell whether the decoder's training was stopped early."""
    if not pair:
        return ""
    early, last = pair
    return (f" The decoder was trained on with the encoder frozen, also to come out the same when a picture only moves: at step {early['step']} "
            f"it reached {early['psnrDb']} dB and a flicker of {early['flicker']} grey levels on {last['n']} held-out pictures, at step {last['step']} "
            f"{last['psnrDb']} dB and {last['flicker']}: the rest brought {last['psnrDb'] - early['psnrDb']:+.3f} dB, so it was not stopped early.\n\n![decoder](polish.png)")


CARD = """# Animate mini
Prompt to look on any picture: {looks} looks x 10 palettes x 6 weathers x 8 modifiers, 256 x 256 (any multiple of 32), one to four steps, CPU.
Contract: [animate](../../contracts/animate.md). Licence: MIT, weights included. Made by [native-models/train](../../train/README.md).

## What it was trained on
Nothing but pictures drawn by `train/data`: {sources} procedural sources (shaded portraits, table tops, rooms, landscapes, dead leaves, lettering, noise; seed 1) and {targets} results of the classic filters in `train/looks` on them. No photograph, no film, no other model. Everything measured below was kept out of training: procedural pictures of seed 2, and a film of a toy rabbit on a table (mdn/learning-area, CC0 1.0), of which the model never saw a frame.

| part | parameters | steps | minutes (two CPU cores shared with other work) |
|---|---|---|---|
| codec (encoder + decoder) | {codec_parameters:,} | {codec_steps} (24 crops of 128 x 128) | {codec_minutes} |
| the decoder alone, trained on | | {polish_steps} (12 pairs of crops) | {polish_minutes} |
| text encoder + U-Net, flow matching | {unet_parameters:,} | {animate_steps} (8 pictures or 24 windows each) | {animate_minutes} |
| the same, consistency distillation | | {distilled_steps} (the same) | {distilled_minutes} |
| judge (only for measuring) | | {judge_steps} (24 windows) | {judge_minutes} |

![loss curves](loss.png)

## Codec
{codec_synthetic} on {codec_n} held-out procedural pictures (worst {codec_worst}), {codec_film} on {film_n} frames of the film. Latents have zero mean and unit variance per channel over the pool. Flicker: a picture that only moves by parts of a cell comes out {moved} grey levels of 255 different; on the film the codec's error changes by {film_error} grey levels from frame to frame, where the film itself changes by {film_own}.{checkpoints}

## Words, one step at sigma 1, by default guidance
Every word alone on n = {n} held-out portraits, table tops, rooms and landscapes; 4 steps: n = {n4}. Recognised by a judge: a classifier that sees codec reconstructions of the result and of its source; of {judge_n} held-out targets, words mixed, it names right {judge_right}. What it names of the teacher's own pictures (n = {unsure_n}) bounds what it can find in the model's. Edges: correlation of edges with the source at strength 0.5; change: mean difference from the source at strength 0.5 over the codec's own. Diversity: standard deviation over four seeds (share of the full range, n = 8); over all words {diversity_over:.2f} of the teacher's. Film steadiness: frame-to-frame change of the output over that of the film, one seed, n = {film_steps}; 1 = as steady as the film.

{table}

- Closest two looks: {pair}, mean difference {pair_difference:.3f}; the largest difference between two seeds of one look: {seed_difference:.3f}.
{guidance}
- The codec alone changes a picture by {own:.4f}; an empty prompt by {empty:.4f}; unknown words only by {unheard:.4f}.

![every look on the film](film-looks.jpg)
![palettes, weathers and modifiers on the film](film-moods.jpg)
![every look on held-out portraits](portrait-looks.jpg)
![several words together](mixed-prompts.jpg)
![strength and seed](strength-and-seed.jpg)

## What it cannot do
- It changes how a picture looks, never what is in it: no new objects, no costumes, no faces. Nouns ("castle", "cat") are unknown words and change nothing.
- It knows {words} words and their listed synonyms. Anything else is ignored; a prompt without a known word gives a mild clean-up.
- One look at a time: two look words together were never taught and give a mixture of uncertain kind.
- Fine print and small faces dissolve in coarse looks (mosaic, poster, papercut), as they do in the filters that taught it; details below about four pixels are lost in the codec.
- One step gives the look's colours, tones, screens and main lines, softer than the filters that taught it. Below the target of 80 % recognition in one step: {missed}; taught but not offered for that reason: {withdrawn}. Of the teacher's own pictures the judge names {unsure}, so part of the miss is the judge's: it hardly tells modifiers, which are small changes, from none.
- Snow, rain and embers come out as their light and colour with at most hints of flakes, streaks and sparks; `grainy` gives little grain. Four steps add contrast and texture, and also specks.
- Fog banks and paper stand still unless the noise moves; they belong to the noise and not to the scene's depth.
- Above 256 x 256 strokes, dots and tiles keep their size in pixels, so the look becomes finer; far larger sizes were not measured.
- Recognition is measured with a judge of our own on procedural pictures; no human rating and no photograph set was used.
"""


def write(folder, film):
    """Measure and write everything into models/animate."""
    target = ROOT / "models" / "animate"
    quality, net, codec, frames = measure(folder, film)
    (target / "quality.json").write_text(json.dumps(quality, indent=1) + "\n")
    sample_sheets(net, codec, list(held_out(6, ("portrait",))), list(frames), target)
    if all((Path(folder) / f"{name}.log.jsonl").exists() for name in ("codec", "animate", "distilled")):
        loss_curve(folder, target / "loss.png", STAGES)
    if quality["codec"]["polish"]:
        curve(quality["codec"]["polish"], ("psnrDb", "flicker"), target / "polish.png")
    (target / "card.md").write_text(text(quality))


def text(quality):
    """card.md from the figures of quality.json."""
    training, one, c = quality["training"], quality["oneStep"], quality["codec"]
    stages = {f"{name}_{key}": training[name][key] for name in training for key in ("steps", "minutes")}
    missed, own = [k for k, v in one["words"].items() if v["recognisedAtStrength1"] < 0.8], quality["judgeOnTeacher"]
    first = {"oneStep": next(iter(one["words"].values()))["n"], "fourSteps": next(iter(quality["fourSteps"].values()))["n"]}
    return CARD.format(
        sources=SOURCES, targets=TARGETS, table=table(quality), n=first["oneStep"], n4=first["fourSteps"],
        film_steps=quality["film"]["n"], **stages,
        codec_parameters=quality["parameters"]["encoder"] + quality["parameters"]["decoder"],
        unet_parameters=quality["parameters"]["text"] + quality["parameters"]["unet"],
        codec_synthetic=f"{c['heldOutSynthetic']['psnrDb']} dB", codec_worst=f"{c['heldOutSynthetic']['worstDb']} dB",
        codec_n=c["heldOutSynthetic"]["n"], codec_film=f"{c['film']['psnrDb']} dB", film_n=c["film"]["n"],
        missed=", ".join(missed) or "none", unsure=", ".join(f"{k} {own['named'][k]:.0%}" for k in missed) or "all", unsure_n=own["n"],
        moved=c["flicker"]["movedPicture"], film_error=c["flicker"]["filmError"], film_own=c["flicker"]["filmOwnChange"],
        checkpoints=checkpoints_text(c["twoCheckpoints"]), guidance=guidance_text(quality["guidance"]),
        diversity_over=one["diversityOverTeacher"],
        judge_right=", ".join(f"{group} {n}" for group, n in quality["judge"]["right"].items()), judge_n=quality["judge"]["n"],
        pair=one["closestLooks"]["pair"], pair_difference=one["closestLooks"]["difference"],
        seed_difference=one["largestTwoSeedDifference"], own=one["codecOwnChange"], empty=one["emptyPromptChange"],
        unheard=one["unknownWordsChange"], words=len(vocabulary.offered()[0]), looks=len(vocabulary.offered()[2]["look"]),
        withdrawn=", ".join(vocabulary.WITHDRAWN) or "none")

"""Measures the binaural model and writes card.md, quality.json, the loss curve and the spectrograms."""

import json
from pathlib import Path

import torch

from binaural import evaluate, sheet
from binaural.net import macs_per_frame
from binaural.spectra import HOP
from binaural.parametric import RATE
from binaural.sampling import CHUNK, SIGMA, T0
from binaural.train import trained
from shared.export import ROOT, write_json
from shared.sheets import loss_curve

SHOWN = (0, 7)
EARLY_SKIP = 0.5


def spent(folder, name):
    """[steps, minutes] from a stage's log."""
    log = Path(folder) / f"{name}.log.jsonl"
    if not log.exists():
        return [0, 0]
    last = json.loads(log.read_text().splitlines()[-1])
    return [last["step"], round(last["seconds"] / 60, 1)]


def measure(net, folder, scenes):
    """Every figure of the card."""
    per_frame = macs_per_frame(net)
    return {
        "model": "binaural-mini", "parameters": sum(p.numel() for p in net.parameters()),
        "gmacPerSecondAndEvaluation": round(per_frame * RATE / HOP / 1e9, 3), "chunkFrames": CHUNK, "sigma": SIGMA, "t0": T0,
        "seeds": {"scenes": evaluate.SEED, "noise": 1}, "provider": "torch CPU float32",
        "training": {name: spent(folder, name) for name in ("head", "velocity")},
        "heldOut": evaluate.held_out(net, scenes, (EARLY_SKIP,)), "groups": evaluate.by_group(net, scenes), "dry": evaluate.dry(net),
        "silence": evaluate.silence(net), "orbit": evaluate.tone(net, 2), "stillTone": evaluate.tone(net, 0), "headsDifferUs": round(evaluate.directions_beyond(), 1)}


def table(quality):
    """Start against net, in Markdown."""
    held = quality["heldOut"]
    names = {"start": "parametric render", "other": "the truth itself with another tail", "nfe1": "net, 1 evaluation", "nfe2": "net, 2 evaluations", f"nfe2 t0={EARLY_SKIP}": f"net, 2 evaluations from t0 = {EARLY_SKIP}"}
    head = "| | log-spectral distance, dB | in 1/3 octaves, dB | ITD error, us | ILD error, dB | coherence error | level in pauses, dB |\n|---|---|---|---|---|---|---|\n"
    rows = [f"| {label} | {v['lsdDb']:.2f} | {v['thirdOctaveDb']:.2f} | {v['itdErrorUs']:.0f} | {v['ildErrorDb']:.2f} | {v['coherenceError']:.3f} | {v['pausesDb']:.1f} |"
            for key, label in names.items() for v in (held[key],)]
    return head + "\n".join(rows)


def dry_table(quality):
    """ITD and ILD per azimuth."""
    head = "| azimuth | ITD measured / start / net, us | ILD measured / start / net, dB |\n|---|---|---|\n"
    return head + "\n".join(
        f"| {r['azimuth']} | " + " / ".join(f"{r[k]['itdUs']:.0f}" for k in ("truth", "start", "nfe1")) + " | "
        + " / ".join(f"{r[k]['ildDb']:.1f}" for k in ("truth", "start", "nfe1")) + " |" for r in quality["dry"])


CARD = """# Binaural mini
From the programme's parametric render of a voice at a place (two delays, a head shadow, six images, a tail) to what a measured head in a room hears. 48 kHz, causal, {parameters:,} parameters, {macs} GMAC per second of sound and evaluation, one or two evaluations.
Contract: [binaural](../../contracts/binaural.md). Licence: MIT. Made by [native-models/train](../../train/README.md).

## What it was trained on
- Head: MIT's KEMAR dummy head, normal pinna, 710 directions (Gardner and Martin, "HRTF measurements of a KEMAR dummy-head microphone", MIT Media Lab, 1994; provided free with no restrictions on use, provided the authors are cited; the copy that Debian's libmysofa1 ships says in its own attributes that no licence was given). Only the net's weights are shipped, no response. Responses are diffuse-field equalised, so the loudspeaker and the ear canal are not in them.
- Rooms: shoeboxes of 3 to 9 m, RT60 below 0.8 s, images to third order through the nearest measured directions, a noise tail with the coherence of two ears. No recording of a room.
- Sound: espeak-ng (ten accents of six languages, nine voices) and flite rms and slt reading a small grammar, and noise bursts; {clips} clips of 0.68 s, half of them mirrored each time. No human voice.

| stage | steps | minutes (two single-threaded processes on two cores shared with much else) |
|---|---|---|
| head: gain per direction towards the measured over the parametric head | {head_steps} (256 directions) | {head_minutes} |
| flow matching, on clips | {steps} (4 windows of 64 frames) | {minutes} |

Version 1 was trained in three goes as the weight of the log spectra was raised; the curve shows the second and the third, whose scales differ.

![loss curve](loss.png)

## How
BinauralFlow's flow (phi = t y + (1 - t) z, velocity y - z, L1) with z = start + sigma noise, sigma = {sigma} in compressed spectra whose loud parts are about 1. The net estimates y and the graph derives the velocity from it, (y - phi)/(1 - t), so the last step lands on the estimate and takes the noise of z with it: flow noise cannot hiss. sigma is small because only the residual over the start is uncertain. The estimate is the start times complex gains plus a part that scales with the start's level, so silence stays silent. Beside the L1 of the flow a distance of log spectra (per frame, and of cells of 8 bins and 4 frames) is trained, or the mean estimate would thin out the reverberation. A third of the batches are on the sampler's own midpoint state.

## Held out
{scenes} scenes of 1.6 s: voices (flite awb, three espeak voices) and sentences that no clip has, rooms of another seed, azimuths 20..35, 65..80, 125..140 and 145..160 degrees on either side, which no clip has at any height (the moving third of the scenes starts there). The loss was settled on scenes of another seed. The measured-head truth against:

{table}

- Nearer to the truth than its start (1 evaluation, log-spectral distance) in {better} of {scenes} scenes. The truth's own level in its pauses: {pauses:.1f} dB under its loudest frame.
- Bars: {bars}.
- Per group, start to net: {groups}.
- Log-spectral distance per bin of 47 Hz over loud frames (within 40 dB), 100 Hz to 16 kHz, bins in which the truth is at most 70 dB under its peak; ITD by GCC-PHAT below 1.5 kHz, 43 ms, median; ILD in 1/3 octaves above 1.5 kHz. The row "another tail" is the same head in the same room with another noise for its tail: what no render can know is that far away, and most of the distance left is of that kind.
- Silence in, silence out: largest sample {silence:.1e}.

Noise, almost no room (absorption 0.98), 1.2 m, 1 evaluation; azimuth 30 lies in a held-out sector:

{dry}

- A 2 kHz tone circling twice a second: energy outside 1.8 to 2.2 kHz {orbit_start} dB for the parametric render's early part (which includes the true side bands of the motion), {orbit_net} dB after the net; standing still {still_start} and {still_net} dB. The net is not linear: on a bare tone it leaves more beside it than the parametric render does.

## Speed and parity
{measured}

![spectrograms](spectrograms.png)

## What it cannot do
- One head, a dummy's: nobody's own ears. Elevation is as good as a stranger's head gives.
- The late reverberation's fine structure is not known from the render; it stays that of the parametric tail, re-coloured.
- Two evaluations differ from one by hundredths of a dB; early skip (t0 = 0.5) is worse, as its start state is not where the flow was trained to pass. One evaluation from 0 is the default for a laptop.
- Bare tones are not kept clean (see above): for music take the parametric render.
- Of the distance that a render could make up (from the start down to the row "another tail"), one evaluation makes up {closed:.0%}. The ITD of a near-dry source is nearer the measured head's than the start's at 15 to 45 and 90 degrees and not at 60; the ILD there is no better than the start's.
- Above 2.5 kHz the learnt phase is that of the parametric delays; interaural time at high frequencies is therefore the parametric head's.
- Heads turned, rooms not like shoeboxes, sources nearer than 0.3 m, music and human voices were not measured. No listening test was made.
- Training was short ({minutes} minutes on a busy machine); `--from-shipped` goes on from here.
"""


def bars(quality):
    """Which acceptance bars are met, in words."""
    held = quality["heldOut"]
    checks = [(f"log-spectral distance below the start with {n} evaluation{'s' if n > 1 else ''}", held[f"nfe{n}"]["lsdDb"] < held["start"]["lsdDb"]) for n in (1, 2)]
    checks.append(("no more noise in pauses than the truth plus 3 dB", held["nfe1"]["pausesDb"] < held["truthPausesDb"] + 3))
    checks.append(("ITD no worse than the start", held["nfe1"]["itdErrorUs"] <= held["start"]["itdErrorUs"]))
    checks.append(("ILD no worse than the start", held["nfe1"]["ildErrorDb"] <= held["start"]["ildErrorDb"]))
    return "; ".join(f"{name}: {'met' if met else 'NOT met'}" for name, met in checks)


def text(quality):
    """card.md from quality.json."""
    held, training = quality["heldOut"], quality["training"]
    measured = quality.get("runtime")
    speed = "Not measured." if not measured else (
        f"{measured['runtime']}, one thread: {measured['msPerEvaluation16']['min']} ms at best, {measured['msPerEvaluation16']['median']} ms in the median "
        f"({measured['msPerEvaluation16']['cpuMedian']} ms of CPU time) for 16 frames (42.7 ms) on a crowded machine. "
        f"Largest difference from torch over 320 frames in chunks of 4, 16, 32 and 320, with one and two evaluations: {measured['onnxLargestDifference']:.1e}.")
    groups = "; ".join(f"{k} {v['startDb']} to {v['nfe1Db']} dB ({v['scenes']})" for k, v in quality["groups"].items())
    return CARD.format(
        parameters=quality["parameters"], macs=quality["gmacPerSecondAndEvaluation"], clips=f"{quality['clips']:,}", sigma=SIGMA,
        head_steps=training["head"][0], head_minutes=training["head"][1], steps=training["velocity"][0], minutes=training["velocity"][1],
        closed=(held["start"]["lsdDb"] - held["nfe1"]["lsdDb"]) / (held["start"]["lsdDb"] - held["other"]["lsdDb"]),
        scenes=held["scenes"], table=table(quality), better=held["betterThanStart"], pauses=held["truthPausesDb"], bars=bars(quality),
        groups=groups, silence=max(quality["silence"]), dry=dry_table(quality), orbit_start=quality["orbit"]["startDb"],
        orbit_net=quality["orbit"]["nfe1Db"], still_start=quality["stillTone"]["startDb"], still_net=quality["stillTone"]["nfe1Db"], measured=speed)


def write(folder, pool, measured=None):
    """Measure and write everything into models/binaural; measured: JSON file with the figures of another runtime."""
    torch.set_num_threads(1)
    target = ROOT / "models" / "binaural"
    net = trained(folder)
    scenes = [evaluate.scene(i) for i in range(evaluate.COUNT)]
    quality = measure(net, folder, scenes)
    quality["clips"] = 100 * len(list(Path(pool).glob("part.*.*.npz")))
    if measured:
        quality["runtime"] = json.loads(Path(measured).read_text())
    write_json(target / "quality.json", quality)
    columns = []
    for index in SHOWN:
        s = scenes[index]
        made, start, truth = evaluate.aligned(evaluate.run(net, s["start"], s["pose"], 1), s["start"], s["truth"])
        columns.append((f"{s['voice']}, azimuth {s['azimuth']:.0f}", {"measured head": truth, "start": start, "net": made}))
    sheet.write(columns, target / "spectrograms.png")
    loss_curve(folder, target / "loss.png", ("head", "velocity"))
    (target / "card.md").write_text(text(quality))

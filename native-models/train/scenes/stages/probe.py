"""Training of the probe on codec reconstructions, blurred and noisy ones among them."""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from scenes import models
from scenes.codec import decode, encode, shipped_codec, to_image
from scenes.nets.probe import FRAMES, Probe
from scenes.pool import Pool
from scenes.world.clips import draw, render
from scenes.world.scene import CHOICES
from shared.loop import Loop, device

BATCH, HELD = 48, 160


def half(pictures):
    """uint8 [3, 128, 256, 3] -> uint8 [9, 64, 128]."""
    small = pictures.reshape(len(pictures), 64, 2, 128, 2, 3).astype(np.uint16).mean((2, 4))
    return (small + 0.5).astype(np.uint8).transpose(0, 3, 1, 2).reshape(-1, 64, 128)


def labels(attributes):
    """Class index per attribute; -100 (not asked) for colour and motion without a subject."""
    silent = ("colour", "motion") if attributes["subject"] is None else ()
    return [-100 if key in silent else values.index(attributes[key]) for key, values in CHOICES.items()]


def reconstructions(folder, codec):
    """(pictures uint8 [N, 9, 64, 128], labels [N, 8]): the pool's clips as the codec gives them back; kept on disk."""
    path, pool = Path(folder) / "probe.npz", Pool(folder)
    if path.exists():
        kept = np.load(path)
        return kept["pictures"], kept["labels"]
    pictures, marks = [], []
    for i, record in enumerate(pool.records):
        frames = pool.latents(i).flatten(0, 1)
        parts = [(3, record["first"])] if record["switch"] > 2 else []
        for first, attributes in parts + [(18, record["second"] or record["first"])]:
            pictures.append(half(decode(codec, frames[[first + f for f in FRAMES]])))
            marks.append(labels(attributes))
    np.savez(path, pictures=np.stack(pictures), labels=np.array(marks))
    return np.stack(pictures), np.array(marks)


def held_out_clips(codec, count=HELD, seed=900):
    """(pictures, labels, attributes) of held-out combinations, through the codec."""
    rng = np.random.default_rng(seed)
    chosen = [draw(rng, held=True) for _ in range(count)]
    pictures = np.stack([half(decode(codec, encode(codec, render(a, seed + i, [40 + f for f in FRAMES])))) for i, a in enumerate(chosen)])
    return pictures, np.array([labels(a) for a in chosen]), chosen


def augment(pictures):
    """Blur, noise, gain and shift, so that it looks at the scene and not at pixels."""
    image = torch.from_numpy(pictures).float() / 127.5 - 1
    b = len(image)
    if torch.rand(()) < 0.5:
        image = F.avg_pool2d(image, 3, 1, 1)
        if torch.rand(()) < 0.5:
            image = F.avg_pool2d(image, 5, 1, 2)
    image = image * torch.empty(b, 1, 1, 1).uniform_(0.9, 1.1) + torch.empty(b, 1, 1, 1).uniform_(-0.05, 0.05)
    return (image + 0.08 * torch.rand(b, 1, 1, 1) * torch.randn_like(image)).clamp(-1, 1)


@torch.no_grad()
def named(probe, pictures, marks):
    """Share named right per attribute: {attribute: (right, asked)}."""
    logits = probe(torch.from_numpy(pictures).float() / 127.5 - 1)
    out = {}
    for k, key in enumerate(CHOICES):
        asked = marks[:, k] >= 0
        right = (logits[key].argmax(1).numpy() == marks[:, k]) & asked
        out[key] = (int(right.sum()), int(asked.sum()))
    return out


def train(out, pool, minutes, resume=False):
    """Leaves checkpoint `probe` and `probe.accuracy.json`, measured on held-out combinations."""
    torch.manual_seed(61)
    device()
    codec = shipped_codec()
    pictures, marks = reconstructions(pool, codec)
    marks = torch.from_numpy(marks)
    net, rng = Probe().train(), np.random.default_rng(61 + 7 * resume)
    loop = Loop("probe", net, out, minutes, rate=2e-3, decay=0.98, resume=resume, warm=30, weight_decay=0.02)

    def loss_of(_):
        chosen = rng.integers(0, len(pictures), BATCH)
        logits = net(augment(pictures[chosen]))
        return sum(F.cross_entropy(logits[key], marks[chosen][:, k], label_smoothing=0.02) for k, key in enumerate(CHOICES))

    loop.run(loss_of)
    real, truth, _ = held_out_clips(codec)
    result = named(models.probe(out), real, truth)
    print("probe on real video:", result, flush=True)
    (Path(out) / "probe.accuracy.json").write_text(json.dumps(result))

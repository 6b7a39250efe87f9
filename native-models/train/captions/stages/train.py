"""CTC with the truth of the synthesiser as a guide.

The synthesiser says when every word and phone sounds, so (1) a phone head in the
middle of the net learns four 20 ms phones a frame, (2) in the beginning every piece
has a frame it should be told in, and all along a second head names the piece that
sounds, (3) always, CTC (Graves et al., 2006) may only use
paths that tell a piece while it sounds or up to two frames later. The first two leave the
plateau of blanks in a minute, the third keeps the times honest.
"""

import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from captions import evaluate, models
from captions.data.batches import Batches
from captions.data.pool import Speech
from captions.nets import Captions, Shape
from shared import checkpoint, crew as crews
from shared.loop import Loop, autocast, device

NAME = "captions"
RATE = 1.6e-3
SHORT_STEPS = 400  # steps over which rows grow from 2 to LONG seconds
LONG = 9.0
GUIDE_STEPS = 2000  # steps over which the frame-wise guide fades
ONLY_FAR_STEPS = 250  # look-ahead 6 alone before that
REPORT_SECONDS = 240
CLOSED = -25.0


def shape(pool):
    """The network's sizes for the pieces and phones of a pool."""
    pieces = json.loads((Path(pool) / "text.json").read_text())["pieces"]
    phones = json.loads((Path(pool) / "phones.json").read_text())
    return Shape(vocabulary=len(pieces), symbols=2 + len(phones)), pieces


def losses(net, batch, look_ahead, guide):
    """Mean CTC loss a piece, phone loss a symbol, loss of the sounding piece a frame, guide loss a frame."""
    scores, phones, sounding = net.train_outputs(batch["features"], look_ahead)
    scores, blank = scores.float(), net.shape.vocabulary
    open_scores = scores + CLOSED * batch["closed"]
    count = scores.shape[1]
    ctc = F.ctc_loss(open_scores.transpose(0, 1), batch["pieces"], torch.full((scores.shape[0],), count), batch["sizes"],
                     blank=blank, reduction="none", zero_infinity=True).sum() / batch["sizes"].sum()
    phone = F.cross_entropy(phones.float().flatten(0, 2), batch["phones"].flatten())
    now = F.cross_entropy(sounding.float().flatten(0, 1), batch["sounding"].flatten())
    told = torch.zeros((), device=scores.device)
    if guide > 0:
        each = F.nll_loss(scores.flatten(0, 1), batch["frames"].flatten(), reduction="none")
        weight = torch.where(batch["frames"].flatten() == blank, 0.3, 1.0)
        told = (each * weight).sum() / weight.sum()
    return ctc, phone, now, told


def plan(step, share):
    """What a step trains on: longest row (s), chance of joined rows, roughness, weights of the helping losses."""
    grown = min(1.0, step / SHORT_STEPS)
    return {"seconds": 2.0 + (LONG - 2.0) * grown, "join": 0.0 if step < SHORT_STEPS else 0.35,
            "strength": 0.25 if share < 0.6 else 0.35,
            "guide": max(0.0, 1 - step / GUIDE_STEPS), "sounding": 1.0 if share < 0.6 else 0.4, "phones": max(0.3, 1 - step / 8000)}


def look_ahead(step, rng):
    """Mostly the one that is shipped."""
    if step < ONLY_FAR_STEPS:
        return 6
    return int(rng.choice([1, 0, 6], p=[0.8, 0.1, 0.1]))


def worker(crew, net, minutes, settings):
    """One trainer; the leader also measures."""
    where = device()
    torch.set_flush_denormal(True)
    pool, out = Path(settings.pool), Path(settings.out)
    net = net.to(where)
    rng = np.random.default_rng([os.getpid(), crew.rank])
    speech = Speech(pool)
    batches = Batches(speech, net.shape.vocabulary, [os.getpid(), crew.rank, 7])
    loop = Loop(NAME, net, out, minutes, settings.rate or RATE, resume=settings.resume, crew=crew, warm=300)
    pieces = json.loads((pool / "text.json").read_text())["pieces"]
    tests = {name: evaluate.items(pool, f"test-{name}", 30) for name in ("voices-espeak", "voices-flite", "accent")} if crew.leader else {}
    clock = {"report": time.time(), "refresh": time.time()}
    recent = []

    def report(step):
        rates = {name: round(evaluate.error_rate(loop.average, pieces, rows)[0], 4) for name, rows in tests.items()}
        parts = np.mean(recent, 0).round(3).tolist() if recent else []
        recent.clear()
        with open(out / "wer.jsonl", "a") as file:
            file.write(json.dumps({"step": step, "seconds": round(loop.spent), "hours": round(speech.hours, 1), **rates, "losses": parts}) + "\n")

    def loss_of(step):
        now = time.time()
        if now - clock["refresh"] > 60:
            speech.refresh()
            clock["refresh"] = now
        if crew.leader and now - clock["report"] > REPORT_SECONDS:
            report(step)
            clock["report"] = time.time()
        now = plan(step + settings.ahead, loop.share)
        batch = {k: v.to(where) for k, v in batches.next(now["seconds"], now["join"], now["strength"]).items()}
        net.train()
        with autocast(where):
            ctc, phone, sounding, told = losses(net, batch, look_ahead(step + settings.ahead, rng), now["guide"])
        recent.append([float(ctc), float(phone), float(sounding), float(told)])
        return ctc + now["phones"] * phone + now["sounding"] * sounding + now["guide"] * told

    loop.run(loss_of)
    if crew.leader:
        report(loop.step)


def train(settings, minutes):
    """Train from scratch, from the checkpoint (--resume) or from the shipped file (--from-shipped)."""
    sizes, pieces = shape(settings.pool)
    if settings.from_shipped:
        net, known, _ = models.shipped(sizes.symbols)
        if known != pieces:
            raise ValueError("The pool's pieces must be those of the shipped tokens.txt. Make the pool with --from-shipped.")
    else:
        torch.manual_seed(1)
        net = Captions(sizes)
    if settings.resume and checkpoint.exists(settings.out, NAME):
        net.load_state_dict(checkpoint.load(settings.out, NAME)["net"])
    for name in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "DNNL_PRIMITIVE_CACHE_CAPACITY"):
        os.environ.setdefault(name, "100000")  # rows come in many lengths; oneDNN would forget its kernels
    crews.launch(worker, net.train(), minutes, settings)

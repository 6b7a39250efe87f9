"""Flow matching of chunks under their own history, then with history of the model's own making.

Three kinds of batch: single pictures (the quickest way to learn what words look like),
shows from their beginning (chunks 0 to 3) and shows at any later time (the sink far back).
"""

import time

import numpy as np
import torch

from scenes import parallel
from scenes import models
from scenes.codec import shipped_codec
from scenes.nets.scenes import Scenes
from scenes.pool import Pool
from scenes.shape import SIGMAS
from scenes.world.clips import tokens
from shared import checkpoint
from shared.crew import launch
from shared.loop import Loop, device

from scenes.optimiser import Muon

PICTURES, START, LATE = 40, 3, 4  # clips of a batch, by kind
DROP = 0.05
SUBJECT = 5.0  # how much more a cell counts that a subject covers: subjects are a twentieth of a picture and a third of a prompt
MIXED, OWN_FROM = 0.3, 0.4  # share of single pictures among the clips; share of the time before own histories begin


def channel_weights(codec, latents):
    """How much each latent channel matters in pixels, [16], mean about 1 (see animate)."""
    base, energy = codec.decoder(latents), []
    for c in range(latents.shape[1]):
        moved = latents.clone()
        moved[:, c] += 0.3
        energy.append((codec.decoder(moved) - base).square().mean())
    weight = torch.stack(energy).sqrt()
    return 0.3 + 0.7 * weight / weight.mean()


def draw_sigma(*size):
    """Noise levels: most of them one of the sampler's, else anything shifted towards noise."""
    u = torch.rand(size)
    shifted = 3 * u / (1 + 2 * u)
    level = torch.tensor(SIGMAS + (1.0, 1.0))[torch.randint(len(SIGMAS) + 2, size)]
    return torch.where(torch.rand(size) < 0.4, level, shifted)


class Batches:
    """Draws batches from the pool; new parts of it are found as they come."""

    def __init__(self, folder, seed):
        self.pool, self.rng, self.looked = Pool(folder), np.random.default_rng(seed), time.time()

    def _indices(self, count, late):
        if time.time() - self.looked > 30:
            self.pool.look()
            self.looked = time.time()
        found = []
        while len(found) < count:
            i = int(self.rng.integers(len(self.pool)))
            if late or self.pool.records[i]["later"] == 3:
                found.append(i)
        return found

    def _prompt(self, record, chunk):
        attributes = record["second"] if chunk >= record["switch"] else record["first"]
        return [0] * 12 if self.rng.random() < DROP else tokens(attributes, self.rng)

    def pictures(self, count):
        """(latents [count, 1, 1, ...], cover [count, 1, 1, 1, 16, 32], ids): single frames."""
        latents, covers, ids = [], [], []
        for i in self._indices(count, True):
            record = self.pool.records[i]
            chunk = int(self.rng.integers(8))
            if chunk == record["switch"]:
                chunk = 0
            frame = self.rng.integers(3)
            latents.append(self.pool.latents(i, slice(chunk, chunk + 1))[:, frame])
            covers.append(self.pool.cover(i, slice(chunk, chunk + 1))[:, frame])
            ids.append(self._prompt(record, chunk))
        return torch.stack(latents)[:, :, None], torch.stack(covers)[:, :, None], torch.tensor(ids)

    def start(self, count):
        """(latents [count, 4, 3, ...], cover, ids, valid [count, 4]): chunks 0 to 3 of a show."""
        latents, covers, ids, valid = [], [], [], []
        for i in self._indices(count, False):
            record = self.pool.records[i]
            after = record["switch"] < 4 and self.rng.random() < 0.6
            latents.append(self.pool.latents(i, slice(0, 4)))
            covers.append(self.pool.cover(i, slice(0, 4)))
            ids.append(self._prompt(record, 7 if after else 0))
            valid.append([(c >= record["switch"]) == after for c in range(4)])
        return torch.stack(latents), torch.stack(covers), torch.tensor(ids), torch.tensor(valid).float()

    def late(self, count):
        """(latents [count, 6, 3, ...], cover, ids, valid [count, 3]): the sink and five chunks from later; the last three learn."""
        latents, covers, ids, valid = [], [], [], []
        for i in self._indices(count, True):
            record = self.pool.records[i]
            first = int(self.rng.integers(1, 4))
            chunks = [0] + list(range(first, first + 5))
            after = record["switch"] <= chunks[-1] and self.rng.random() < 0.7
            sequence = self.pool.latents(i, chunks)
            if self.rng.random() < 0.1:
                sequence[0] = self.pool.latents(int(self.rng.integers(len(self.pool))), slice(0, 1))[0]
            latents.append(sequence)
            covers.append(self.pool.cover(i, chunks))
            ids.append(self._prompt(record, 7 if after else 0))
            valid.append([(c >= record["switch"]) == after for c in chunks[3:]])
        return torch.stack(latents), torch.stack(covers), torch.tensor(ids), torch.tensor(valid).float()


def spoil(history):
    """History as it may come out of the model itself: noise, faded or shifted channels. [B, n, F, 16, 16, 32]"""
    b, n = history.shape[:2]
    draw = lambda *size: torch.randn(size)
    noise = 0.15 * torch.rand(b, n, 1, 1, 1, 1) * (torch.rand(b, n, 1, 1, 1, 1) < 0.6)
    gain = 1 + 0.05 * draw(b, 1, 1, 1, 1, 1) + 0.04 * draw(b, n, 1, 16, 1, 1)
    return (1 - noise) * (history * gain + 0.05 * draw(b, n, 1, 16, 1, 1)) + noise * torch.randn_like(history)


def noised(clean, sigma):
    """(sample, velocity) of clean latents [B, n, F, ...] at sigma [B, n]."""
    noise = torch.randn_like(clean)
    level = sigma[:, :, None, None, None, None]
    return (1 - level) * clean + level * noise, noise - clean


class Learner:
    """The loss of one batch of each kind."""

    def __init__(self, net, weight):
        self.net, self.positions = net, parallel.Positions(net.step.shape)
        self.weight = weight.view(1, 1, 1, -1, 1, 1)

    def error(self, velocity, goal, cover, valid=None):
        each = (self.weight * (1 + SUBJECT * cover) * (velocity - goal).square()).mean((2, 3, 4, 5))
        return each.mean() if valid is None else (each * valid).sum() / valid.sum().clamp(min=1)

    def pictures(self, latents, cover, ids):
        sigma = draw_sigma(latents.shape[0], 1)
        sample, goal = noised(latents, sigma)
        velocity, _ = parallel.forward(self.net.step, sample, sigma, self.net.text(ids), [0], self.positions)
        return self.error(velocity, goal, cover)

    def clips(self, latents, cover, ids, valid, targets, own=False):
        """Chunks `targets` learn under a clean pass over all before the last; `own`: some of that
        history is what the model itself makes of it (Self-Forcing with the true next chunk as the goal)."""
        b, n = latents.shape[:2]
        hidden = self.net.text(ids)
        with torch.no_grad():
            history = spoil(latents[:, :-1])
            past = self.remember(history, hidden.detach())
            if own:
                history = self.imagine(history, latents, hidden.detach(), past)
                past = self.remember(history, hidden.detach())
        clean = latents[:, targets]
        sigma = draw_sigma(b, len(targets))
        sample, goal = noised(clean, sigma)
        velocity, _ = parallel.forward(self.net.step, sample, sigma, hidden, targets, self.positions, past)
        return self.error(velocity, goal, cover[:, targets], valid)

    def remember(self, history, hidden):
        """Features of the clean pass over a history [B, n, ...]."""
        b, n = history.shape[:2]
        return parallel.forward(self.net.step, history, torch.zeros(b, n), hidden, list(range(n)), self.positions)[1]

    def imagine(self, history, latents, hidden, past):
        """History in which most chunks are the model's own two-step samples of themselves."""
        b, n = history.shape[:2]
        targets = list(range(1, n))
        sigma = torch.full((b, n - 1), 0.9)
        sample, _ = noised(latents[:, 1:-1], sigma)
        velocity, _ = parallel.forward(self.net.step, sample, sigma, hidden, targets, self.positions, past)
        made = sample - 0.9 * velocity
        mixed = history.clone()
        chosen = (torch.rand(b, n - 1) < 0.75)[:, :, None, None, None, None]
        mixed[:, 1:] = torch.where(chosen, made, history[:, 1:])
        return mixed



def train(out, pool, minutes, settings):
    """Leaves checkpoint `scenes`. `--from-shipped` starts from models/scenes, `--resume` from the checkpoint."""
    torch.manual_seed(51)
    net, codec, batches = Scenes(), shipped_codec(), Batches(pool, 0)
    if settings.resume and checkpoint.exists(out, "scenes"):
        net.load_state_dict(checkpoint.load(out, "scenes")["average"])
    elif settings.from_shipped:
        net.load_state_dict(models.shipped().state_dict())
    else:
        net.step.measure(batches.pictures(1500)[0][:, 0, 0])
    weight = channel_weights(codec, batches.pictures(24)[0][:, 0, 0])
    launch(_learn, net, minutes, {"out": out, "pool": pool, "weight": weight, "resume": settings.resume,
                                  "pictures": settings.pictures, "own": settings.own, "rate": settings.rate})


def _learn(crew, net, minutes, settings):
    device()
    seed = int(np.random.SeedSequence().entropy % 2**31)
    torch.manual_seed(seed)
    batches, learner = Batches(settings["pool"], seed), Learner(net.train(), settings["weight"])
    loop = Loop("scenes", net, settings["out"], minutes, rate=settings["rate"], decay=0.97, crew=crew, warm=40)
    loop.optimiser = Muon(net, settings["rate"])
    if settings["resume"] and checkpoint.exists(settings["out"], "scenes"):
        before = checkpoint.load(settings["out"], "scenes")
        loop.step, loop.spent = before["step"], before["spent"]
    rng = np.random.default_rng(seed)

    def loss_of(_):
        if loop.share < settings["pictures"] or rng.random() < MIXED:
            return learner.pictures(*batches.pictures(PICTURES))
        own = loop.share > OWN_FROM and rng.random() < settings["own"]
        if rng.random() < 0.5:
            return learner.clips(*batches.start(START), [0, 1, 2, 3], own)
        return learner.clips(*batches.late(LATE), [3, 4, 5], own)

    loop.run(loss_of)

"""Flow matching of the animate model, then distillation to one to four steps."""

import copy

import numpy as np
import torch

from shared import checkpoint
from animate.data.latents import Pairs
from animate.nets.animate import Animate
from shared.crew import launch
from shared.loop import Loop, autocast, device

BATCH = 8
SMALL_SHARE = 0.5


@torch.no_grad()
def channel_weights(decoder, latents):
    """How much each latent channel matters in pixels, [16], mean 1.

    A unit change of the first channels moves a picture far more than one of the
    last; the square root keeps texture channels from being forgotten.
    """
    base = decoder(latents)
    energy = []
    for c in range(latents.shape[1]):
        moved = latents.clone()
        moved[:, c] += 0.3 * torch.randn_like(moved[:, c])
        energy.append((decoder(moved) - base).square().mean())
    weight = torch.stack(energy).sqrt()
    return 0.25 + 0.75 * weight / weight.mean()


def draw_sigma(count):
    """Noise levels [B]: nearly half exactly 1, where one-step sampling starts, the rest
    shifted towards noise by 3u / (1 + 2u)."""
    u = torch.rand(count)
    sigma = 3 * u / (1 + 2 * u)
    return torch.where(torch.rand(count) < 0.45, torch.ones(count), sigma)


def _spread(value):
    return value[:, None, None, None]


def _window(loop):
    return (3 * BATCH, 16) if loop.share < SMALL_SHARE else (BATCH, 32)


def _batch(pairs, where, count=BATCH, window=32):
    source, target, first, second, mix, strength = (t.to(where) for t in pairs(count, window))
    shape = torch.channels_last
    return (source.contiguous(memory_format=shape), target.contiguous(memory_format=shape),
            lambda model: model.prompt(first, second, mix), strength)


def _start(net, folder, name, resume):
    if resume and checkpoint.exists(folder, name):
        net.load_state_dict(checkpoint.load(folder, name)["net"])
    return net.to(memory_format=torch.channels_last)


def train(folder, pool_folder, codec, minutes, resume=False):
    """Flow matching: || v - (e - z) ||^2 per channel weight. Leaves checkpoint `animate`.

    The first half of the time goes to 16 x 16 windows, three times as many prompts
    for the same work; the second to whole pictures, which alone show where the
    ground and the sky are.
    """
    torch.manual_seed(21)
    net = _start(Animate(), folder, "animate", resume)
    Pairs(pool_folder, codec.eval().to(device()).encoder, seed=0)
    launch(_match, net, minutes, {"folder": folder, "pool": pool_folder, "codec": codec.cpu(), "resume": resume})


def _seed(rank, base, resume):
    """A fixed seed per trainer; a fresh one when resuming, so that batches do not repeat."""
    return int(np.random.SeedSequence().entropy % 2**31) if resume else base + rank


def _match(crew, net, minutes, settings):
    where = device()
    seed = _seed(crew.rank, 21, settings["resume"])
    torch.manual_seed(seed)
    codec = settings["codec"].to(where)
    pairs = Pairs(settings["pool"], codec.encoder, seed=seed)
    net = net.to(where).train()
    loop = Loop("animate", net, settings["folder"], minutes, rate=8e-4, decay=0.998, resume=settings["resume"], crew=crew)
    weight = channel_weights(codec.decoder, pairs(16)[1].to(where)).view(1, -1, 1, 1)

    def loss_of(_):
        source, target, prompt, strength = _batch(pairs, where, *_window(loop))
        sigma, noise = draw_sigma(len(target)).to(where), torch.randn_like(target)
        sample = target + _spread(sigma) * (noise - target)
        with autocast(where):
            velocity = net(sample, sigma, source, strength, prompt(net))
        return (weight * (velocity.float() - (noise - target)).square()).mean()

    loop.run(loss_of)


def distil(folder, pool_folder, codec, teacher, minutes, resume=False, grid=16, stress=()):
    """Consistency distillation (Song et al., 2023) to one to four steps, no critic.

    From (x, s0) one Euler step leads to s1, along the teacher's velocity for half of
    the batch and along the pair's own e - z for the other (consistency training,
    which a young teacher's errors cannot mislead). The student's clean estimate at
    s0 must equal its average's at s1; at s1 = 0 it must equal the target. A quarter
    of a plain regression keeps what the prompt does fix from drifting. Pseudo-Huber
    loss per channel weight. Leaves checkpoint `distilled`. Words in `stress` fill half of every batch.
    """
    launch(_distil, _start(copy.deepcopy(teacher), folder, "distilled", resume), minutes, {
        "folder": folder, "pool": pool_folder, "codec": codec.cpu(), "teacher": teacher, "grid": grid,
        "resume": resume, "stress": stress})


def _huber(weight, guess, goal, knee=0.03):
    error = (weight * (guess - goal).square()).mean((1, 2, 3))
    return ((error + knee**2).sqrt() - knee).mean()


def _distil(crew, student, minutes, settings):
    where, grid = device(), settings["grid"]
    seed = _seed(crew.rank, 31, settings["resume"])
    torch.manual_seed(seed)
    codec, teacher = settings["codec"].to(where), settings["teacher"].eval().to(where)
    pairs = Pairs(settings["pool"], codec.encoder, seed=seed, stress=settings["stress"])
    student = student.to(where).train().requires_grad_(True)
    loop = Loop("distilled", student, settings["folder"], minutes, rate=3e-4, decay=0.99, resume=settings["resume"], crew=crew,
                warm=50)
    weight = channel_weights(codec.decoder, pairs(16)[1].to(where)).view(1, -1, 1, 1)
    levels = torch.linspace(0, 1, grid + 1, device=where)
    levels = 2 * levels / (1 + levels)

    def clean(net, sample, sigma, source, strength, hidden):
        return sample - _spread(sigma) * net(sample, sigma, source, strength, hidden).float()

    def loss_of(_):
        source, target, prompt, strength = _batch(pairs, where, *_window(loop))
        top = torch.randint(1, grid + 1, (len(target),), device=where)
        top = torch.where(torch.rand(len(target), device=where) < 0.35, torch.full_like(top, grid), top)
        high, low = levels[top], levels[top - 1]
        noise = torch.randn_like(target)
        sample = target + _spread(high) * (noise - target)
        with torch.no_grad(), autocast(where):
            taught = teacher(sample, high, source, strength, prompt(teacher)).float()
            velocity = torch.where(_spread(torch.rand(len(target), device=where)) < 0.5, taught, noise - target)
            nearer = sample + _spread(low - high) * velocity
            goal = clean(loop.average, nearer, low, source, strength, prompt(loop.average))
            goal = torch.where(_spread(low) > 0, goal, target)
        with autocast(where):
            guess = clean(student, sample, high, source, strength, prompt(student))
        return _huber(weight, guess, goal) + 0.25 * _huber(weight, guess, target)

    loop.run(loss_of)

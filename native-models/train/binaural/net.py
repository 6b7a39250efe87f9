"""The causal U-Net over short-time spectra, with the context of every layer as input and output.

Flow matching as in BinauralFlow (2025), but from the parametric render: the net
estimates the clean spectrum y as the render times complex gains plus a part of its own
that scales with the render, and the velocity of the flow follows from phi, y and t.
So silence stays silent, and the noise of the flow cancels instead of being learnt away.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from binaural.spectra import BINS

POSE, LOW, STRIDE = 4, BINS - 1, 4
LATEST = 0.98  # the largest time at which 1 / (1 - t) is still taken


@dataclass(frozen=True)
class Size:
    """Channels at 64 and at 16 bands, the embedding's width, the pose layers' width, and the time dilations of the blocks."""

    wide: int = 24
    deep: int = 48
    embedding: int = 64
    hidden: int = 128
    waves: int = 48
    outer: tuple = (1, 2)
    inner: tuple = (1, 2, 4)


class Linear(nn.Linear):
    """A linear layer on the last dimension that ONNX keeps under its own name (one Gemm)."""

    def forward(self, x):
        return super().forward(x.reshape(-1, self.in_features)).reshape(*x.shape[:-1], self.out_features)


class FrameNorm(nn.Module):
    """Each frame to zero mean and unit variance over channels and bands; nothing is shared between frames."""

    def forward(self, x):
        x = x.float()
        x = x - x.mean((1, 3), keepdim=True)
        return x * (x.pow(2).mean((1, 3), keepdim=True) + 1e-5).rsqrt()


class Causal(nn.Module):
    """Residual block: frame norm, FiLM per frame, SiLU, 3 x 3 convolution that sees only the past in time."""

    def __init__(self, width, embedding, dilation):
        super().__init__()
        self.context = 2 * dilation
        self.norm = FrameNorm()
        self.film = Linear(embedding, 2 * width)
        self.conv = nn.Conv2d(width, width, 3, padding=(0, 1), dilation=(dilation, 1))
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        self.conv.weight.data.mul_(0.3)

    def forward(self, x, embedding, cache):
        scale, shift = self.film(embedding).transpose(1, 2)[..., None].chunk(2, 1)
        h = F.silu(self.norm(x) * (1 + scale) + shift)
        h = torch.cat([cache.to(h.dtype), h], 2)
        return x + self.conv(h), h[:, :, -self.context:].float()


class Embedding(nn.Module):
    """Pose and solver time per frame: random Gaussian Fourier features, then two layers."""

    def __init__(self, size):
        super().__init__()
        spread = torch.tensor([1.0, 1.0, 1.0, 0.5, 0.5])[:, None]
        self.register_buffer("waves", torch.randn(5, size.waves) * spread)
        self.first = Linear(2 * size.waves, size.hidden)
        self.second = Linear(size.hidden, size.embedding)

    def forward(self, pose, time):
        place = torch.cat([pose[..., :3], pose[..., 3:].clamp(min=0.05).log()], -1)
        moment = time.reshape(-1, 1, 1).expand(-1, pose.shape[1], 1)
        angle = torch.cat([place, moment], -1) @ self.waves * math.pi
        features = torch.cat([angle.sin(), angle.cos()], -1)
        return F.silu(self.second(F.silu(self.first(features))))


class PoseGain(nn.Module):
    """A complex gain per ear and bin from the pose alone: what the head does beyond the parametric one. [B, 4, F, 257]."""

    def __init__(self, size):
        super().__init__()
        self.register_buffer("waves", torch.randn(4, size.waves) * torch.tensor([1.0, 1.0, 1.0, 0.5])[:, None])
        self.first = Linear(2 * size.waves, size.hidden)
        self.second = Linear(size.hidden, size.hidden)
        self.last = Linear(size.hidden, 4 * BINS)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, pose):
        place = torch.cat([pose[..., :3], pose[..., 3:].clamp(min=0.05).log()], -1)
        angle = place @ self.waves * math.pi
        h = torch.cat([angle.sin(), angle.cos()], -1)
        h = F.silu(self.second(F.silu(self.first(h))))
        return self.last(h).reshape(pose.shape[0], pose.shape[1], 4, BINS).transpose(1, 2)


def spread_bands(x, factor):
    """[B, C factor, F, K] -> [B, C, F, K factor]."""
    b, c, f, k = x.shape
    return x.reshape(b, c // factor, factor, f, k).permute(0, 1, 3, 4, 2).reshape(b, c // factor, f, k * factor)


def turn(planes, gain):
    """Complex product of [B, 4, ..] planes (left re, im, right re, im) with [B, 4, ..] gains."""
    a, b, c, d = planes.chunk(4, 1)
    e, f, g, h = gain.chunk(4, 1)
    return torch.cat([a * e - b * f, a * f + b * e, c * g - d * h, c * h + d * g], 1)


class Velocity(nn.Module):
    """velocity.onnx: (sample, start, pose, time, caches) -> (velocity, next caches)."""

    def __init__(self, size=Size()):
        super().__init__()
        self.size = size
        self.embed = Embedding(size)
        self.gain = PoseGain(size)
        self.enter = nn.Conv2d(8, size.wide, (1, 8), stride=(1, STRIDE), padding=(0, 2))
        self.before = nn.ModuleList(Causal(size.wide, size.embedding, d) for d in size.outer[:1])
        self.down = nn.Conv2d(size.wide, size.deep, (1, 4), stride=(1, STRIDE))
        self.inner = nn.ModuleList(Causal(size.deep, size.embedding, d) for d in size.inner)
        self.up = nn.Conv2d(size.deep, size.wide * STRIDE, 1)
        self.after = nn.ModuleList(Causal(size.wide, size.embedding, d) for d in size.outer[1:])
        self.norm = FrameNorm()
        self.leave = nn.Conv2d(size.wide, 12 * STRIDE, (1, 3), padding=(0, 1))
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    @property
    def blocks(self):
        return [*self.before, *self.inner, *self.after]

    def cache_shapes(self):
        """[1, channels, frames, bands] of every cache, in order."""
        bands = [LOW // STRIDE] * len(self.before) + [LOW // STRIDE**2] * len(self.inner) + [LOW // STRIDE] * len(self.after)
        return [[1, block.conv.in_channels, block.context, k] for block, k in zip(self.blocks, bands)]

    def zeros(self, batch=1, like=None):
        """Caches at the start of a stream."""
        device = like.device if like is not None else None
        return [torch.zeros(batch, *shape[1:], device=device) for shape in self.cache_shapes()]

    def estimate(self, sample, start, pose, time, caches):
        """(the clean spectrum y as the net sees it, next caches)."""
        embedding, fresh = self.embed(pose, time), []
        caches = iter(caches)

        def through(blocks, x):
            for block in blocks:
                x, cache = block(x, embedding, next(caches))
                fresh.append(cache)
            return x

        low = torch.cat([sample, start], 1)[..., :LOW]
        wide = through(self.before, self.enter(low))
        deep = through(self.inner, self.down(wide))
        wide = through(self.after, wide + spread_bands(self.up(deep), STRIDE))
        out = spread_bands(self.leave(F.silu(self.norm(wide))), STRIDE).float()
        out = F.pad(out, (0, 1))
        own, other, free = out.chunk(3, 1)
        crossed = torch.cat([start[:, 2:], start[:, :2]], 1)
        power = start.pow(2).sum(1, keepdim=True)
        level = (F.avg_pool2d(power, (1, 9), stride=1, padding=(0, 4)) + 1e-12).sqrt()
        clean = start + turn(start, self.gain(pose) + own) + turn(crossed, other) + level * free
        return clean, fresh

    def forward(self, sample, start, pose, time, *caches):
        clean, fresh = self.estimate(sample, start, pose, time, caches)
        left = (1 - time.clamp(max=LATEST)).reshape(-1, 1, 1, 1)
        return ((clean - sample) / left, *fresh)


def macs_per_frame(net):
    """Multiply-adds of one frame in convolutions and linear layers, counted by running it."""
    total, hooks = [0], []

    def count(module, inputs, output):
        positions = output.shape[2] * output.shape[3] if isinstance(module, nn.Conv2d) else 1
        total[0] += module.weight.numel() * positions

    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            hooks.append(module.register_forward_hook(count))
    with torch.no_grad():
        spectrum = torch.zeros(1, 4, 1, BINS)
        net(spectrum, spectrum, torch.zeros(1, 1, POSE), torch.zeros(1), *net.zeros())
    for hook in hooks:
        hook.remove()
    return total[0]

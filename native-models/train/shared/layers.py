"""Layers shared by the text encoder and the U-Net, safe under bfloat16 autocast."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class GroupNorm(nn.GroupNorm):
    """GroupNorm that computes in float32 (older CPU kernels refuse bfloat16)."""

    def forward(self, x):
        return super().forward(x.float())


class LayerNorm(nn.LayerNorm):
    """LayerNorm that computes in float32."""

    def forward(self, x):
        return super().forward(x.float())


class Conv3(nn.Conv2d):
    """3x3 convolution; `exact` ones run in float32 even under autocast.

    oneDNN 2.6 has no fast bfloat16 gradient for strided and for 8x8 maps: there
    float32 is five to ten times faster.
    """

    def __init__(self, inside, outside, stride=1, exact=False):
        super().__init__(inside, outside, 3, stride=stride, padding=1)
        self.exact = exact

    def forward(self, x):
        if self.exact and self.training:
            with torch.autocast(x.device.type, enabled=False):
                return super().forward(x.float())
        return super().forward(x)


def fourier(value, width):
    """Sines and cosines of a scalar in 0..1: [B] -> [B, width]."""
    steps = torch.arange(width // 2, dtype=torch.float32, device=value.device)
    angle = value.float()[:, None] * torch.exp(steps * (math.log(64.0) / (width // 2 - 1))) * math.pi
    return torch.cat([angle.sin(), angle.cos()], 1)


class Attention(nn.Module):
    """Multi-head attention of queries [B, N, D] on memory [B, M, E]; bias [B, 1, 1, M] optional.

    Weights are zero at the output so that a fresh block changes nothing.
    """

    def __init__(self, width, memory, heads=4):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(memory, 2 * width)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x, memory, bias=None):
        depth = x.shape[2] // self.heads
        q = self.query(x).reshape(x.shape[0], -1, self.heads, depth).transpose(1, 2)
        kv = self.key_value(memory).reshape(memory.shape[0], -1, 2 * self.heads, depth).transpose(1, 2)
        k, v = kv.split(self.heads, 1)
        scores = (q @ k.transpose(2, 3)).float() * depth ** -0.5
        if bias is not None:
            scores = scores + bias
        mixed = scores.softmax(-1).to(v.dtype) @ v
        return self.out(mixed.transpose(1, 2).reshape(x.shape))


class ResBlock(nn.Module):
    """GN-SiLU-conv twice with scale and shift from an embedding [B, E] between them."""

    def __init__(self, inside, outside, embedding, exact=False):
        super().__init__()
        self.norm1, self.norm2 = GroupNorm(8, inside), GroupNorm(8, outside)
        self.conv1 = Conv3(inside, outside, exact=exact)
        self.conv2 = Conv3(outside, outside, exact=exact)
        self.film = nn.Linear(embedding, 2 * outside)
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x, embedding):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.film(embedding)[:, :, None, None].chunk(2, 1)
        h = self.norm2(h) * (1 + scale) + shift
        return self.skip(x) + self.conv2(F.silu(h))


class SpatialAttention(nn.Module):
    """Self- and/or cross-attention over the cells of a feature map [B, C, h, w]."""

    def __init__(self, width, memory, itself):
        super().__init__()
        self.norm = GroupNorm(8, width)
        self.cross = Attention(width, memory)
        self.itself = Attention(width, width) if itself else None

    def forward(self, x, tokens):
        cells = self.norm(x).flatten(2).transpose(1, 2)
        change = self.cross(cells, tokens)
        if self.itself is not None:
            change = change + self.itself(cells, cells)
        return x + change.transpose(1, 2).reshape(x.shape)

"""Causal diffusion transformer on latent patches, its keys and values in and out.

A DiT (Peebles and Xie, 2023: adaLN-Zero) whose noise level is per frame (Diffusion
Forcing, Chen et al., 2024) and whose attention runs over cached past tokens with
un-rotated keys, so that positions can be relative to the visible window
(LongLive, 2025). Rectified flow: x = (1 - sigma) z + sigma e, velocity = e - z.

What is linear in denoising is not learned but computed: patches are turned into the
principal components of the world's patches, where the Wiener filter of each component
is known; the network predicts what is left, in units of its expected size. This is the
preconditioning of Karras et al. (2022) with the data's covariance for its variance.
"""

import torch
from torch import nn
from torch.nn import functional as F

from scenes.rope import frequencies, rotate
from scenes.shape import SCENES
from shared.layers import LayerNorm, ResBlock, fourier
from shared.text import WIDTH as TEXT


def patches(latent, shape):
    """[M, 16, 16, 32] -> tokens [M, T, 128], row-major."""
    channels, (rows, columns), (high, wide) = shape.latent[0], shape.grid, shape.patch
    cells = latent.reshape(-1, channels, rows, high, columns, wide).permute(0, 2, 4, 1, 3, 5)
    return cells.reshape(-1, rows * columns, channels * high * wide)


def unpatch(tokens, channels, shape):
    """tokens [M, T, channels * 8] -> maps [M, channels, 16, 32]."""
    (rows, columns), (high, wide) = shape.grid, shape.patch
    cells = tokens.reshape(-1, rows, columns, channels, high, wide).permute(0, 3, 1, 4, 2, 5)
    return cells.reshape(-1, channels, rows * high, columns * wide)


def modulate(x, scale, shift):
    """x [M, T, C] times 1 + scale plus shift, both [M, C]."""
    return x * (1 + scale[:, None]) + shift[:, None]


class CrossAttention(nn.Module):
    """Tokens [M, T, C] look at the prompt of their frame, [M, 12, 64]."""

    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.norm = LayerNorm(shape.width)
        self.query = nn.Linear(shape.width, shape.width)
        self.key_value = nn.Linear(TEXT, 2 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x, hidden):
        depth = x.shape[2] // self.heads
        q = self.query(self.norm(x)).reshape(x.shape[0], -1, self.heads, depth).transpose(1, 2)
        k, v = self.key_value(hidden).reshape(hidden.shape[0], -1, 2 * self.heads, depth).transpose(1, 2).split(self.heads, 1)
        mixed = ((q @ k.transpose(2, 3)) * depth ** -0.5).softmax(-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    """Self-attention over the window, cross-attention in some layers, MLP; all gated by adaLN."""

    def __init__(self, shape, crossed):
        super().__init__()
        width = shape.width
        self.heads, self.depth = shape.heads, shape.depth
        self.norm1, self.norm2 = LayerNorm(width), LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, shape.inner * width), nn.Linear(shape.inner * width, width)
        self.cross = CrossAttention(shape) if crossed else None
        self.film = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        with torch.no_grad():
            self.film.bias[2 * width:3 * width] = self.film.bias[5 * width:] = 0.3
            self._look_nearby(shape)

    def _look_nearby(self, shape):
        """Start with heads that look at the same place: a constant in one element of each
        rotated pair makes the score peak at a chosen offset in row, column and frame."""
        wanted = ({"row": (4, 0), "column": (4, 0)}, {"row": (4, 0), "column": (4, 0), "frame": (3, 2)}, {"row": (2, 0), "column": (2, 0)})
        q, k = self.qkv.bias[:shape.width], self.qkv.bias[shape.width:2 * shape.width]
        for head, wish in zip(range(shape.heads), wanted):
            pair = 0
            for name, pairs, base in shape.axes:
                strength, back = wish.get(name, (0, 0))
                at = head * shape.depth + 2 * (pair + torch.arange(pairs))
                angle = -back * frequencies(pairs, base).float()
                q[at], q[at + 1], k[at], k[at + 1] = strength * angle.cos(), strength * angle.sin(), float(strength), 0.0
                pair += pairs

    def project(self, h):
        """[M, T, C] -> queries, keys (before rotation) and values, each [M, A, T, D]."""
        return self.qkv(h).reshape(h.shape[0], -1, 3 * self.heads, self.depth).transpose(1, 2).split(self.heads, 1)

    def forward(self, x, film, attend, hidden):
        """x [M, T, C] of M frames; film six [M, C]; attend(h) -> mixed values [M, T, C]."""
        scale1, shift1, gate1, scale2, shift2, gate2 = film
        x = x + gate1[:, None] * self.out(attend(modulate(self.norm1(x), scale1, shift1)))
        if self.cross is not None:
            x = x + self.cross(x, hidden)
        h = modulate(self.norm2(x), scale2, shift2)
        return x + gate2[:, None] * self.narrow(F.silu(self.wide(h)))


class Detail(nn.Module):
    """Convolutions over a frame's latent cells: what the patches are too coarse to say.

    given [M, refine + 32, 16, 32]: from the tokens, the sample and the linear estimate -> [M, 16, 16, 32], zero at first.
    """

    def __init__(self, shape):
        super().__init__()
        channels, inside = shape.latent[0], shape.detail
        self.enter = nn.Conv2d(shape.refine + 2 * channels, inside, 3, padding=1)
        self.blocks = nn.ModuleList(ResBlock(inside, inside, shape.width) for _ in range(3))
        self.leave = nn.Conv2d(inside, channels, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, given, embedding):
        h = self.enter(given)
        for block in self.blocks:
            h = block(h, embedding)
        return self.leave(F.silu(h))


class Step(nn.Module):
    """The contract's step graph. `enter`, `film` and `leave` are also used by the trainer,
    which arranges attention in its own way."""

    def __init__(self, shape=SCENES):
        super().__init__()
        self.shape, width = shape, shape.width
        self.time = nn.Sequential(nn.Linear(128, width), nn.SiLU(), nn.Linear(width, width))
        self.text = nn.Sequential(nn.Linear(TEXT, width), nn.SiLU(), nn.Linear(width, width))
        self.register_buffer("mean", torch.zeros(shape.tokens, shape.patch_size))
        self.register_buffer("basis", torch.eye(shape.patch_size))
        self.register_buffer("variance", torch.ones(shape.patch_size))
        self.patch = nn.Linear(shape.patch_size, width)
        self.place = nn.Parameter(torch.randn(shape.tokens, width) * 0.1)
        self.blocks = nn.ModuleList(Block(shape, i in shape.crossed) for i in range(shape.layers))
        self.norm, self.last = LayerNorm(width), nn.Linear(width, 2 * width)
        self.guess = nn.Linear(width, shape.patch_size)
        self.spread = nn.Linear(width, shape.refine * shape.patch[0] * shape.patch[1])
        self.detail = Detail(shape)
        for layer in (self.last, self.guess):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def embed(self, sigma, hidden):
        """sigma [M], hidden [M, 12, 64] -> embedding [M, C]."""
        return F.silu(self.time(fourier(sigma, 128)) + self.text(hidden.sum(1)))

    @torch.no_grad()
    def measure(self, latents):
        """Mean, principal components and variances of the world's patches, from [M, 16, 16, 32]."""
        cells = patches(latents, self.shape)
        self.mean.copy_(cells.mean(0))
        rest = (cells - self.mean).flatten(0, 1).double()
        values, vectors = torch.linalg.eigh(rest.T @ rest / len(rest))
        self.basis.copy_(vectors.flip(1))
        self.variance.copy_(values.flip(0).clamp(min=1e-4))

    def enter(self, sample, sigma):
        """Latents [M, 16, 16, 32] at sigma [M] -> (tokens [M, T, C], what `leave` needs of them)."""
        noise = sigma[:, None, None]
        signal = 1 - noise
        power = signal * signal * self.variance + noise * noise
        parts = (patches(sample, self.shape) - signal * self.mean) @ self.basis
        return self.patch(parts * power.rsqrt()) + self.place, (sample, signal, noise, power, parts)

    def leave(self, x, given, sigma, embedding):
        """Tokens [M, T, C] -> velocity [M, 16, 16, 32]: the Wiener estimate and the network's correction."""
        sample, signal, noise, power, parts = given
        scale, shift = self.last(embedding).chunk(2, 1)
        h = modulate(self.norm(x), scale, shift)
        channels, back = self.shape.latent[0], self.basis.t()
        linear = (signal * self.variance / power * parts) @ back + self.mean
        level = (sigma * sigma + (1 - sigma) * (1 - sigma)).rsqrt()[:, None, None, None]
        seen = [unpatch(self.spread(h), self.shape.refine, self.shape), sample * level, unpatch(linear, channels, self.shape)]
        fine = patches(self.detail(torch.cat(seen, 1), embedding), self.shape) @ self.basis
        guess = (self.variance / power).sqrt() * (self.guess(h) + fine)
        velocity = ((noise - signal * self.variance) / power * parts + guess) @ back - self.mean
        return unpatch(velocity, channels, self.shape)

    def forward(self, sample, sigma, encoder_hidden_states, k_cache, v_cache, rope_q, rope_k, attn_bias):
        """One run as contracts/generate.md describes it: (velocity, k_new, v_new)."""
        shape = self.shape
        level = sigma.reshape(-1)
        hidden = encoder_hidden_states
        embedding = self.embed(level, hidden)
        x, given = self.enter(sample.reshape((-1,) + shape.latent), level)
        keys, values = [], []

        def attend(i, block):
            def mixed(h):
                q, k, v = (p.transpose(1, 2).reshape(-1, shape.heads, shape.depth).transpose(0, 1) for p in block.project(h))
                keys.append(k)
                values.append(v)
                k = rotate(torch.cat([k_cache[i], k], 1), rope_k)
                scores = rotate(q, rope_q) @ k.transpose(1, 2) * shape.depth ** -0.5 + attn_bias
                out = scores.softmax(-1) @ torch.cat([v_cache[i], v], 1)
                return out.transpose(0, 1).reshape(-1, shape.tokens, shape.width)
            return mixed

        for i, block in enumerate(self.blocks):
            x = block(x, block.film(embedding).chunk(6, 1), attend(i, block), hidden)
        velocity = self.leave(x, given, level, embedding)
        return velocity.reshape(sample.shape), torch.stack(keys), torch.stack(values)

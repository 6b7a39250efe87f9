"""A streaming conformer with a CTC head, in NeMo's cache-aware geometry.

Causal sub-sampling by 8, then blocks of feed-forward, chunk-masked attention, causal
depthwise convolution, feed-forward (Gulati et al., arXiv 2005.08100; chunk-aware
look-ahead of Noroozi et al., arXiv 2312.17279). What one-shot `forward` gives for a
whole signal, `Streaming` gives chunk by chunk.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from shared.layers import LayerNorm

LEFT = 70  # frames of 80 ms that attention looks back, the cache's length
LEAD = 8  # frames of literal 0.0 before the first feature frame of a stream
FARTHEST = 13  # the largest look-ahead that the table of positions has room for


@dataclass(frozen=True)
class Shape:
    """What makes one captions network: sizes, not weights."""

    vocabulary: int
    width: int = 176
    layers: int = 8
    heads: int = 4
    hidden: int = 384
    kernel: int = 9
    channels: tuple = (16, 32, 48)
    symbols: int = 0  # classes of the phone head; 0: none of the heads that only training has
    tap: int = 4  # after which block the phone head listens


class Subsampling(nn.Module):
    """Three causal 3x3 convolutions of stride 2: [B, 80, T] -> [B, T', D], two frames dropped.

    Padding is 2 before and 1 after in time, so output m sees frames 8m - 14 .. 8m; from
    m = 2 on that lies inside what was given.
    """

    def __init__(self, shape):
        super().__init__()
        sizes = (1,) + shape.channels
        self.convs = nn.ModuleList([nn.Conv2d(a, b, 3, stride=2) for a, b in zip(sizes, sizes[1:])])
        self.out = nn.Linear(10 * shape.channels[-1], shape.width)

    def forward(self, features):
        x = ((features + 7.0) / 4.0).transpose(1, 2).unsqueeze(1)
        for conv in self.convs:
            x = F.relu(conv(F.pad(x, (1, 1, 2, 1))))
        return self.out(x[:, :, 2:].transpose(1, 2).flatten(2))


class Attention(nn.Module):
    """Multi-head attention with a learned bias per distance; keys may include a memory."""

    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.query = nn.Linear(shape.width, shape.width)
        self.key = nn.Linear(shape.width, shape.width, bias=False)
        self.value = nn.Linear(shape.width, shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.table = nn.Parameter(torch.zeros(shape.heads, LEFT + 2 * FARTHEST + 1))

    def split(self, x):
        """[B, N, D] -> [B, H, N, D / H]."""
        return x.reshape(x.shape[0], -1, self.heads, x.shape[2] // self.heads).transpose(1, 2)

    def forward(self, x, memory, places, hidden):
        """places: int64 [N, M] rows of the table; hidden: added scores, broadcast to [B, H, N, M]."""
        q, k, v = self.split(self.query(x)), self.split(self.key(memory)), self.split(self.value(memory))
        scores = (q @ k.transpose(2, 3)).float() * (q.shape[3] ** -0.5) + self.table[:, places] + hidden
        mixed = scores.softmax(-1).to(v.dtype) @ v
        return self.out(mixed.transpose(1, 2).flatten(2))


class Feed(nn.Module):
    """LayerNorm, linear, ReLU, linear."""

    def __init__(self, shape):
        super().__init__()
        self.norm = LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, shape.hidden)
        self.down = nn.Linear(shape.hidden, shape.width)

    def forward(self, x):
        return self.down(F.relu(self.up(self.norm(x))))


class Block(nn.Module):
    """One conformer block; LayerNorm where the paper has BatchNorm, ReLU where it has SiLU."""

    def __init__(self, shape):
        super().__init__()
        self.before, self.after = Feed(shape), Feed(shape)
        self.norm_attention, self.attention = LayerNorm(shape.width), Attention(shape)
        self.norm_conv, self.gate = LayerNorm(shape.width), nn.Linear(shape.width, 2 * shape.width)
        self.depthwise = nn.Conv1d(shape.width, shape.width, shape.kernel, groups=shape.width)
        self.norm_inner, self.mix = LayerNorm(shape.width), nn.Linear(shape.width, shape.width)
        self.norm_out = LayerNorm(shape.width)

    def forward(self, x, places, hidden, channel=None, time=None):
        """x [B, N, D]; channel [B, Cl, D] and time [B, D, Ct] are the caches of a stream.

        Returns (x, memory of keys [B, M, D], input of the convolution [B, D, Ct + N]).
        """
        x = x + 0.5 * self.before(x)
        keys = own = self.norm_attention(x)
        if channel is not None:
            keys = torch.cat([channel, own], 1)
        x = x + self.attention(own, keys, places, hidden)
        signal = F.glu(self.gate(self.norm_conv(x)), 2).transpose(1, 2)
        if time is None:
            signal = F.pad(signal, (self.depthwise.kernel_size[0] - 1, 0))
        else:
            signal = torch.cat([time, signal.float()], 2)
        x = x + self.mix(F.relu(self.norm_inner(self.depthwise(signal).transpose(1, 2))))
        x = x + 0.5 * self.after(x)
        return self.norm_out(x), keys, signal


def chunk_mask(count, look_ahead, device=None):
    """(places, hidden) of `count` frames: query q sees key k when q's chunk is k's or at most
    70 / (R + 1) chunks later."""
    chunk = look_ahead + 1
    at = torch.arange(count, device=device)
    behind = at[:, None] // chunk - at[None, :] // chunk
    seen = (behind >= 0) & (behind <= LEFT // chunk)
    places = (at[:, None] - at[None, :]).clamp(-FARTHEST, LEFT + FARTHEST) + FARTHEST
    return places, torch.where(seen, 0.0, -1e4)


TRAINING_ONLY = ("phones.", "sounding.")


class Captions(nn.Module):
    """log-mel [B, 80, T] -> log-probabilities [B, T', V + 1], the blank last."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.subsampling = Subsampling(shape)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.head = nn.Linear(shape.width, shape.vocabulary + 1)
        self.phones = nn.Linear(shape.width, 4 * shape.symbols) if shape.symbols else None
        self.sounding = nn.Linear(shape.width, shape.vocabulary + 1) if shape.symbols else None

    def forward(self, features, look_ahead):
        """Whole signals at once; features begin with the LEAD frames of 0.0."""
        return self.train_outputs(features, look_ahead)[0]

    def train_outputs(self, features, look_ahead):
        """(log-probabilities, phone scores [B, T', 4, symbols], scores of the piece that sounds [B, T', V + 1]);
        the last two are None in a net without the heads that only training has."""
        x, phones = self.subsampling(features), None
        places, hidden = chunk_mask(x.shape[1], look_ahead, x.device)
        for index, block in enumerate(self.blocks):
            x = block(x, places, hidden)[0]
            if self.phones is not None and index + 1 == self.shape.tap:
                phones = self.phones(x).unflatten(2, (4, -1))
        sounding = None if self.sounding is None else self.sounding(x)
        return self.head(x).float().log_softmax(-1), phones, sounding


class Streaming(nn.Module):
    """The contract's graph for one look-ahead: one chunk and its caches in, the same out."""

    def __init__(self, net, look_ahead):
        super().__init__()
        self.net, self.chunk = net, look_ahead + 1
        keys = torch.arange(LEFT + self.chunk)
        self.register_buffer("places", LEFT + torch.arange(self.chunk)[:, None] - keys[None, :] + FARTHEST, persistent=False)
        self.register_buffer("keys", keys, persistent=False)

    def forward(self, audio_signal, length, channel, time, filled):
        """Shapes as in contracts/captions.md."""
        x = self.net.subsampling(audio_signal)
        hidden = torch.where(self.keys[None] >= LEFT - filled[:, None], 0.0, -1e4)[:, None, None]
        kept, heard = [], []
        for index, block in enumerate(self.net.blocks):
            x, keys, signal = block(x, self.places, hidden, channel[:, index], time[:, index])
            kept.append(keys[:, -LEFT:])
            heard.append(signal[:, :, -time.shape[3]:])
        lengths = length * 0 + self.chunk
        return (self.net.head(x).log_softmax(-1), lengths, torch.stack(kept, 1), torch.stack(heard, 1),
                torch.clamp(filled + self.chunk, max=LEFT))

    def start(self, batch=1):
        """Caches of a stream's beginning: zeros, nothing filled."""
        s = self.net.shape
        return (torch.zeros(batch, s.layers, LEFT, s.width), torch.zeros(batch, s.layers, s.width, s.kernel - 1),
                torch.zeros(batch, dtype=torch.int64))


class OneShot(nn.Module):
    """The same weights on a whole signal with the chunk mask: the oracle of streaming tests."""

    def __init__(self, net, look_ahead):
        super().__init__()
        self.net, self.look_ahead = net, look_ahead

    def forward(self, audio_signal):
        return self.net(audio_signal, self.look_ahead)


def stream(net, features, look_ahead):
    """Run `Streaming` over [1, 80, T] features that begin with LEAD zero frames, whole windows only."""
    graph, chunk = Streaming(net, look_ahead).eval(), look_ahead + 1
    state, out = graph.start(), []
    window, shift = 9 + 8 * chunk, 8 * chunk
    for first in range(0, features.shape[2] - window + 1, shift):
        piece = features[:, :, first : first + window]
        scores, _, *state = graph(piece, torch.full((1,), window), *state)
        out.append(scores)
    return torch.cat(out, 1)

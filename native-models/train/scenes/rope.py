"""Rotary positions (Su et al., 2021) over frame, row and column, and who may look at whom."""

import torch

from .shape import SCENES

HIDDEN = -10000.0


def frequencies(pairs, base):
    """Angles per position of one axis, [pairs]."""
    return base ** (-torch.arange(pairs, dtype=torch.float64) / pairs)


def table(frames, shape=SCENES):
    """Cosines and sines for whole frames at the given positions: [len(frames) * T, D/2, 2]."""
    rows, columns = shape.grid
    frame = torch.as_tensor(frames, dtype=torch.float64)
    place = torch.cartesian_prod(frame, torch.arange(rows, dtype=torch.float64), torch.arange(columns, dtype=torch.float64))
    angles = torch.cat([place[:, a:a + 1] * frequencies(pairs, base) for a, (_, pairs, base) in enumerate(shape.axes)], 1)
    return torch.stack([angles.cos(), angles.sin()], -1).float()


def rotate(x, turn):
    """Turn each pair (2i, 2i + 1) of x [..., N, D] by its angle in turn [N, D/2, 2]."""
    pair = x.reshape(x.shape[:-1] + (x.shape[-1] // 2, 2))
    first, second, cosine, sine = pair[..., 0], pair[..., 1], turn[..., 0], turn[..., 1]
    return torch.stack([first * cosine - second * sine, first * sine + second * cosine], -1).reshape(x.shape)


def causal_bias(queries, keys, shape=SCENES):
    """Block-causal window bias [queries * T, keys * T] for absolute frame numbers.

    A frame sees the sink, its own chunk and as many frames before it as the window
    has left; chunks are counted from frame 0.
    """
    q, k = torch.as_tensor(queries)[:, None], torch.as_tensor(keys)[None]
    end = (q // shape.chunk + 1) * shape.chunk
    seen = (k < end) & ((k < shape.sink) | (k >= end - (shape.window - shape.sink)))
    bias = torch.zeros(seen.shape).masked_fill(~seen, HIDDEN)
    return bias.repeat_interleave(shape.tokens, 0).repeat_interleave(shape.tokens, 1)


def open_bias(queries, keys, shape=SCENES):
    """No restriction: the bias of a chunk whose cache holds exactly what it may see."""
    return torch.zeros(queries * shape.tokens, keys * shape.tokens)

"""Many chunks of many clips in one pass, each seeing exactly what it will see in the engine.

A sequence is the sink chunk and then consecutive chunks. Chunk c sees the sink, the two
chunks before it and itself, at window-relative positions: no mask, only gathers. Past
chunks come from a clean pass (teacher forcing); their features are detached, yet the
key and value projections learn from them.
"""

import torch

from .attention import attention
from .rope import table


def visible(c):
    """Chunks that chunk c of a sequence sees before itself, oldest first."""
    return sorted({0, c - 2, c - 1} & set(range(c)))


class Positions:
    """Complex rotations of whole windows, made once a shape: `turn(frames)` is [frames * T, D/2]."""

    def __init__(self, shape):
        self.whole = torch.view_as_complex(table(range(shape.window), shape))
        self.tokens = shape.tokens

    def turn(self, first, last):
        return self.whole[first * self.tokens:last * self.tokens]


def turned(x, turn):
    """rope.rotate by a complex product: x [..., N, D], turn [N, D/2]."""
    pairs = torch.view_as_complex(x.float().reshape(x.shape[:-1] + (-1, 2)).contiguous())
    return torch.view_as_real(pairs * turn).reshape(x.shape)


def _heads(parts, b, n, heads, depth):
    """Three [B*n*F, A, T, D] -> three [B, n, A, F*T, D]."""
    return tuple(p.reshape(b, n, -1, heads, p.shape[2], depth).transpose(2, 3).reshape(b, n, heads, -1, depth) for p in parts)


def _mix(q, k, v, k_past, v_past, targets, positions, frames):
    """Attention of every target chunk over its visible past and itself: [B, n, A, F*T, D]."""
    out = [None] * len(targets)
    for count in sorted({len(visible(c)) for c in targets}):
        at = [i for i, c in enumerate(targets) if len(visible(c)) == count]
        own = slice(None) if len(at) == len(targets) else at
        keys, values = k[:, own], v[:, own]
        if count:
            seen = torch.tensor([visible(targets[i]) for i in at])
            past = lambda p: p[:, seen].transpose(2, 3).flatten(3, 4)
            keys, values = torch.cat([past(k_past), keys], 3), torch.cat([past(v_past), values], 3)
        keys = turned(keys, positions.turn(0, (count + 1) * frames))
        asked = turned(q[:, own], positions.turn(count * frames, (count + 1) * frames))
        mixed = attention(asked, keys, values)
        for j, i in enumerate(at):
            out[i] = mixed[:, j]
    return torch.stack(out, 1)


def forward(step, latents, sigma, hidden, targets, positions, past=None):
    """One pass over chunks `targets` of B sequences.

    latents [B, n, F, 16, 16, 32], sigma [B, n], hidden [B, 12, 64], targets n chunk numbers;
    past: features of the clean pass per layer, or None when the chunks given are that pass
    (then they must be 0 .. n-1 in order). Returns (velocity like latents, features per layer).
    """
    shape = step.shape
    b, n, frames = latents.shape[:3]
    level = sigma[:, :, None].expand(b, n, frames).reshape(-1)
    prompt = hidden[:, None].expand(b, n * frames, *hidden.shape[1:]).reshape(-1, *hidden.shape[1:])
    embedding = step.embed(level, prompt)
    x, given = step.enter(latents.reshape((-1,) + shape.latent), level)
    features = []

    def attend(i, block):
        def mixed(h):
            features.append(h)
            q, k, v = _heads(block.project(h), b, n, shape.heads, shape.depth)
            k_past, v_past = k, v
            if past is not None:
                old = past[i]
                _, k_past, v_past = _heads(block.project(old), b, old.shape[0] // (b * frames), shape.heads, shape.depth)
            out = _mix(q, k, v, k_past, v_past, targets, positions, frames)
            return out.reshape(b, n, shape.heads, frames, shape.tokens, shape.depth).permute(0, 1, 3, 4, 2, 5).reshape(h.shape)
        return mixed

    for i, block in enumerate(step.blocks):
        x = block(x, block.film(embedding).chunk(6, 1), attend(i, block), prompt)
    return step.leave(x, given, level, embedding).reshape(latents.shape), features

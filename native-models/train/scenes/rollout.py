"""Endless sampling as the engine does it: chunks, cache, window, sink, prompt switches."""

import torch

from shared import philox

from .rope import causal_bias, open_bias, table
from .shape import SIGMAS


def chunk_noise(seed, chunk, level, shape):
    """Philox normals [1, F, 16, 16, 32]; stream = chunk * 16 + level."""
    size = (1, shape.chunk) + shape.latent
    return torch.from_numpy(philox.normal_tensor(int(seed), chunk * 16 + level, size))


class Stream:
    """One endless show: `advance()` gives the next chunk's clean latents [F, 16, 16, 32]."""

    def __init__(self, net, hidden, seed, sigmas=SIGMAS):
        self.net, self.shape, self.hidden, self.seed, self.sigmas = net, net.shape, hidden, seed, sigmas
        self.count, self.latents, self.cache = 0, [], []

    def _visible(self):
        """Indices into the kept chunks: the sink, then as many as the window has room for."""
        shape = self.shape
        sink = shape.sink // shape.chunk
        room = shape.window // shape.chunk - sink - 1
        return list(range(min(sink, len(self.cache)))) + list(range(max(sink, len(self.cache) - room), len(self.cache)))

    def run(self, sample, sigma):
        """One pass of the chunk under way over the cache: (velocity, k_new, v_new)."""
        shape = self.shape
        seen = [self.cache[i] for i in self._visible()]
        past = len(seen) * shape.chunk
        empty = torch.zeros(shape.layers, shape.heads, 0, shape.depth)
        k, v = (torch.cat([empty] + [pair[part] for pair in seen], 2) for part in (0, 1))
        turn = table(range(past + shape.chunk), shape)
        level = torch.full((1, shape.chunk), float(sigma))
        return self.net(sample, level, self.hidden, k, v, turn[past * shape.tokens:], turn,
                        open_bias(shape.chunk, past + shape.chunk, shape))

    @torch.no_grad()
    def advance(self):
        """Denoise one chunk with fresh noise between the levels (Self-Forcing), then keep its clean keys and values."""
        noise = lambda k: chunk_noise(self.seed, self.count, k, self.shape)
        sample = noise(0)
        for k, sigma in enumerate(self.sigmas):
            clean = sample - sigma * self.run(sample, sigma)[0]
            if k + 1 < len(self.sigmas):
                lower = self.sigmas[k + 1]
                sample = (1 - lower) * clean + lower * noise(k + 1)
        _, keys, values = self.run(clean, 0.0)
        self.keep(clean, keys, values)
        return clean[0]

    def keep(self, clean, keys, values):
        """Append a chunk and drop what no later one can see."""
        self.latents.append(clean)
        self.cache.append((keys, values))
        self.count += 1
        sink = self.shape.sink // self.shape.chunk
        room = self.shape.window // self.shape.chunk - sink - 1
        if len(self.cache) > sink + room:
            del self.latents[sink], self.cache[sink]

    @torch.no_grad()
    def switch(self, hidden, recache=True):
        """Change the prompt; with `recache` the window's clean latents are run again under it (LongLive)."""
        self.hidden = hidden
        if not recache or not self.latents:
            return
        shape, frames = self.shape, len(self.latents) * self.shape.chunk
        empty = torch.zeros(shape.layers, shape.heads, 0, shape.depth)
        turn = table(range(frames), shape)
        _, k, v = self.net(torch.cat(self.latents, 1), torch.zeros(1, frames), hidden, empty, empty, turn, turn,
                           causal_bias(range(frames), range(frames), shape))
        size = shape.chunk * shape.tokens
        self.cache = list(zip(k.split(size, 2), v.split(size, 2)))

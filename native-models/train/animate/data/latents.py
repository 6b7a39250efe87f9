"""Latents of the pairs, held in memory, and the batches drawn from them."""

from pathlib import Path

import numpy as np
import torch

from animate import vocabulary
from animate.data.pairs import SOURCES, pools
from animate.stages.codec import to_tensor
from shared.vocabulary import PAD, UNKNOWN

EMPTY_SHARE, FILLER_SHARE, BLEND_SHARE = 0.10, 0.20, 0.15


@torch.no_grad()
def encode_pool(pool, encoder, path):
    """Encode every picture ready in the pool to float16 [count, 16, 32, 32] on disk.

    Rows already encoded are kept, so the call can follow a growing pool.
    """
    path = Path(path)
    fresh = not path.exists()
    out = np.memmap(path, np.float16, "w+" if fresh else "r+", shape=(pool.count, 16, 32, 32))
    done = np.memmap(str(path) + ".done", np.uint8, "w+" if fresh else "r+", shape=(pool.count,))
    missing = np.flatnonzero(np.asarray(pool.ready).astype(bool) & ~np.asarray(done).astype(bool))
    where = next(encoder.parameters()).device
    for part in np.array_split(missing, max(1, len(missing) // 32)):
        if len(part):
            out[part] = encoder(to_tensor(pool.pictures[part]).to(where)).float().cpu().numpy().astype(np.float16)
            done[part] = 1
    return out, np.flatnonzero(done)


def blend_of(strength):
    """How far along source -> full look a strength lies: 1 - (1 - s)^2."""
    return 1 - (1 - strength) ** 2


class Pairs:
    """Random training batches from the pools in `folder`, encoded by `encoder`.

    Half of every batch shows one of the words in `stress`, when there are any.
    """

    def __init__(self, folder, encoder, seed, stress=()):
        source_pool, target_pool = pools(folder)
        self.sources, _ = encode_pool(source_pool, encoder, Path(folder) / "sources.latents")
        self.targets, self.ready = encode_pool(target_pool, encoder, Path(folder) / "targets.latents")
        self.words = target_pool.meta()
        self.rng = np.random.default_rng(seed)
        self.by_source = {}
        for index in self.ready:
            self.by_source.setdefault(int(index) % SOURCES, []).append(int(index))
        self.stressed = [i for i in self.ready if set(self.words[i]) & set(stress)]
        self.empty = [i for i in self.ready if not self.words[i]]

    def ids(self, words):
        """Shuffled token ids with unknown filler words now and then."""
        rng = self.rng
        ids = [vocabulary.WORDS[w] for w in rng.permutation(words)] if words else []
        if rng.random() < FILLER_SHARE:
            for _ in range(int(rng.integers(1, 6))):
                ids.insert(int(rng.integers(len(ids) + 1)), UNKNOWN)
        return (ids + [PAD] * vocabulary.LENGTH)[:vocabulary.LENGTH]

    def _choices(self):
        if self.stressed and self.rng.random() < 0.5:
            return self.stressed
        return self.empty if self.empty and self.rng.random() < EMPTY_SHARE else self.ready

    def __call__(self, count, window=32):
        """A batch: source and target latents [B,16,window,window], two prompts' ids [B,12],
        their mix [B] in 0..1 (0 = first prompt alone), strength [B].

        A smaller window is cut at a multiple of four cells, so that screens and
        tiles keep their phase. With a mix the target is the blend of two looks of one source, so that
        blending two prompts' embeddings fades one look into the other.
        """
        rng = self.rng
        source, target = (np.empty((count, 16, window, window), np.float32) for _ in range(2))
        ids = np.zeros((2, count, vocabulary.LENGTH), np.int64)
        mix = np.zeros(count, np.float32)
        for b in range(count):
            index = int(rng.choice(self._choices()))
            others = self.by_source[index % SOURCES]
            top, left = 4 * rng.integers(0, (32 - window) // 4 + 1, 2)
            cut = slice(None), slice(top, top + window), slice(left, left + window)
            source[b], target[b] = self.sources[index % SOURCES][cut], self.targets[index][cut]
            ids[0, b] = ids[1, b] = self.ids(self.words[index])
            if rng.random() < BLEND_SHARE and len(others) > 1:
                other = int(rng.choice([o for o in others if o != index]))
                mix[b] = rng.random()
                ids[1, b] = self.ids(self.words[other])
                target[b] += mix[b] * (self.targets[other][cut].astype(np.float32) - target[b])
        strength = np.where(rng.random(count) < 0.3, 1, rng.random(count)).astype(np.float32)
        target = source + blend_of(strength)[:, None, None, None] * (target - source)
        return tuple(torch.from_numpy(a) for a in (source, target, ids[0], ids[1], mix, strength))

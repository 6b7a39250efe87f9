"""An n-gram model over pieces, interpolated modified Kneser-Ney (Chen and Goodman 1998), and its file.

The recogniser's beam search asks it how likely a piece is after those before it. What is
written is the back-off form: each kept n-gram has its probability, and each kept context
the weight with which shorter ones speak where it has seen nothing.
"""

import json
import math
import os
import struct
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from captions.data.pieces import Coder

ORDER = 6
FILE = "language.ngram"
MAGIC = b"FSNGRAM1"
LEAST = (1, 1, 2, 3, 3, 3)  # times that an n-gram of each order must have been seen to be kept
UNSEEN = -16.0
STEP = 1 / 512  # of natural logarithms in the file


def counted(sentences, coder, order=ORDER):
    """[Counter of n-gram tuples] of order 1 … `order`; no n-gram crosses a sentence's end."""
    counts = [Counter() for _ in range(order)]
    for sentence in sentences:
        row = tuple(piece for word in sentence.split() for piece in coder.word(word))
        for n in range(1, order + 1):
            counts[n - 1].update(row[i : i + n] for i in range(len(row) - n + 1))
    return counts


def _discounts(counts):
    """Discounts of n-grams seen once, twice, and more often."""
    times = Counter(min(c, 4) for c in counts.values())
    one, two, three, four = (max(1, times[i]) for i in (1, 2, 3, 4))
    y = one / (one + 2 * two)
    return (0.0, max(0.05, 1 - 2 * y * two / one), max(0.05, 2 - 3 * y * three / two), max(0.05, 3 - 4 * y * four / three))


def estimate(counts, least=LEAST):
    """[{n-gram: (log probability, log back-off weight)}] by order, from raw counts."""
    order = len(counts)
    # Below the highest order what counts is after how many different pieces an n-gram stood;
    # those that begin a sentence keep their own counts.
    seen = [Counter() for _ in range(order)]
    seen[-1] = counts[-1]
    for n in range(order - 1, 0, -1):
        before = Counter(gram[1:] for gram in counts[n])
        seen[n - 1] = Counter({gram: before.get(gram, 0) or count for gram, count in counts[n - 1].items()})
    model = [{} for _ in range(order)]
    total = sum(seen[0].values())
    model[0] = {gram: [count / total, 0.0] for gram, count in seen[0].items()}
    for n in range(2, order + 1):
        grams, discounts = seen[n - 1], _discounts(seen[n - 1])
        sums, freed = defaultdict(int), defaultdict(float)
        for gram, count in grams.items():
            sums[gram[:-1]] += count
            freed[gram[:-1]] += discounts[min(3, count)]
        for gram, count in grams.items():
            context, shorter = gram[:-1], gram[1:]
            own = max(0.0, count - discounts[min(3, count)]) / sums[context]
            lower = probability(model, shorter)
            model[n - 1][gram] = [own + freed[context] / sums[context] * lower, 0.0]
        for context, mass in freed.items():
            model[n - 2][context][1] = mass / sums[context]
    _prune(model, counts, least)
    return model


def probability(model, gram):
    """Of the last piece after those before it, backing off where a gram is not there."""
    weight = 1.0
    while True:
        found = model[len(gram) - 1].get(gram)
        if found is not None:
            return weight * found[0]
        if len(gram) == 1:
            return weight * 1e-7
        context = model[len(gram) - 2].get(gram[:-1])
        weight *= context[1] if context is not None and context[1] > 0 else 1.0
        gram = gram[1:]


def _prune(model, counts, least):
    """Leave out rare n-grams that no longer one needs; contexts share what that frees."""
    for n in range(len(model), 1, -1):
        needed = {gram[:-1] for gram in model[n]} if n < len(model) else set()
        gone = [gram for gram, count in counts[n - 1].items() if count < least[n - 1] and gram in model[n - 1] and gram not in needed]
        for gram in gone:
            del model[n - 1][gram]
    for n in range(2, len(model) + 1):
        kept, lower = defaultdict(float), defaultdict(float)
        for gram, (value, _) in model[n - 1].items():
            kept[gram[:-1]] += value
            lower[gram[:-1]] += probability(model[: n - 1], gram[1:])
        for context, entry in model[n - 2].items():
            left, rest = max(1e-6, 1 - kept.get(context, 0.0)), max(1e-6, 1 - lower.get(context, 0.0))
            entry[1] = left / rest if context in kept else 1.0


def write(model, path, weight=0.6, bonus=1.2):
    """The file: magic, order (u32), weight and bonus (f32), counts by order (u32); then by order,
    grams sorted: last pieces (u16), log probabilities (i16 in steps of 1/512) and, but for the
    highest, log back-off weights (i16) and how many longer grams begin with each (u16)."""
    quantised = lambda x: np.clip(np.round(np.log(np.maximum(x, 1e-20)) / STEP), -32768, 32767).astype("<i2").tobytes()
    parts = [MAGIC + struct.pack("<Iff", len(model), weight, bonus) + b"".join(struct.pack("<I", len(grams)) for grams in model)]
    for n, grams in enumerate(model):
        keys = sorted(grams)
        values = np.array([grams[key] for key in keys], np.float64)
        parts += [np.array([key[-1] for key in keys], "<u2").tobytes(), quantised(values[:, 0])]
        if n + 1 < len(model):
            longer = Counter(gram[:-1] for gram in model[n + 1])
            parts += [quantised(values[:, 1]), np.array([longer[key] for key in keys], "<u2").tobytes()]
    fresh = Path(f"{path}.new")
    fresh.write_bytes(b"".join(parts))
    os.replace(fresh, path)


class Language:
    """A written model, read back: {n-gram: log probability} and {context: log back-off weight}."""

    def __init__(self, path):
        data = Path(path).read_bytes()
        if data[:8] != MAGIC:
            raise ValueError(f"{path} must be a language file of ours. Make it with the language stage.")
        order, self.weight, self.bonus = struct.unpack_from("<Iff", data, 8)
        counts, at = struct.unpack_from(f"<{order}I", data, 20), 20 + 4 * order
        self.order, self.logs, self.back_off = order, {}, {}
        contexts, sizes = [()], [counts[0]]
        for n, count in enumerate(counts):
            columns = []
            for kind in ("<u2", "<i2") + (("<i2", "<u2") if n + 1 < order else ()):
                columns.append(np.frombuffer(data, kind, count, at))
                at += 2 * count
            last = columns[0].tolist()
            place = iter(range(count))
            grams = [context + (last[next(place)],) for context, size in zip(contexts, sizes) for _ in range(size)]
            self.logs.update(zip(grams, (columns[1] * STEP).tolist()))
            if n + 1 < order:
                self.back_off.update(zip(grams, (columns[2] * STEP).tolist()))
                contexts, sizes = grams, columns[3].tolist()

    def log_probability(self, history, piece):
        """Of a piece after a tuple of pieces; what the model has never seen as a context is skipped."""
        given = 0.0
        for first in range(max(0, len(history) - self.order + 1), len(history)):
            context = history[first:]
            found = self.logs.get(context + (piece,))
            if found is not None:
                return given + found
            given += self.back_off.get(context, 0.0)
        return given + self.logs.get((piece,), UNSEEN)


def make(pool, out):
    """`out`/language.ngram from the training sentences of a pool."""
    data = json.loads((Path(pool) / "text.json").read_text())
    coder = Coder(data["pieces"])
    model = estimate(counted(data["train"], coder))
    write(model, Path(out) / FILE)
    print(f"language: {sum(map(len, model))} n-grams, perplexity {perplexity(model, data['test'][:400], coder):.1f} a piece")


def perplexity(model, sentences, coder):
    """Per piece, over held-out sentences."""
    total, count = 0.0, 0
    for sentence in sentences:
        row = tuple(piece for word in sentence.split() for piece in coder.word(word))
        for i in range(len(row)):
            total += math.log(probability(model, row[max(0, i - len(model) + 1) : i + 1]))
            count += 1
    return math.exp(-total / count)

"""Byte-pair pieces (Sennrich et al., arXiv 1508.07909) over words that begin with U+2581."""

from collections import Counter

START = "\u2581"


def learn(words, count):
    """[(word, times), …] -> `count` pieces, letters first."""
    spelled = {word: (START,) + tuple(word) for word, _ in words}
    times = dict(words)
    pieces = sorted({letter for parts in spelled.values() for letter in parts})
    while len(pieces) < count:
        pairs = Counter()
        for word, parts in spelled.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += times[word]
        best = max(pairs, key=lambda p: (pairs[p], p))
        pieces.append("".join(best))
        spelled = {word: _merge(parts, best) for word, parts in spelled.items()}
    return pieces


def _merge(parts, pair):
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return tuple(out)


class Coder:
    """Words to piece numbers and back; merges are applied in the order they were learnt."""

    def __init__(self, pieces):
        self.pieces = list(pieces)
        self.rank = {piece: i for i, piece in enumerate(self.pieces)}
        self.cache = {}

    def word(self, word):
        """Piece numbers of one word."""
        if word not in self.cache:
            parts = (START,) + tuple(word)
            while True:
                joined = [(self.rank.get(a + b, 1 << 30), a, b) for a, b in zip(parts, parts[1:])]
                best = min(joined, default=(1 << 30,))
                if best[0] == 1 << 30:
                    break
                parts = _merge(parts, best[1:])
            self.cache[word] = [self.rank[p] for p in parts]
        return self.cache[word]

    def text(self, numbers):
        """Piece numbers to words with single spaces."""
        return "".join(self.pieces[n] for n in numbers).replace(START, " ").strip()

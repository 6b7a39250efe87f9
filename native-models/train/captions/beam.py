"""CTC prefix beam search with the n-gram model as the programme does it (spec.md [C14]), but settling each frame, not each chunk."""

import math

WIDTH, GIVEN_UP, MOST_PIECES, LEAST_SCORE, SETTLED_AFTER = 8, 12.0, 12, -8.0, 12
NONE = -math.inf


def _add(a, b):
    high = max(a, b)
    return high if high == NONE else high + math.log1p(math.exp(min(a, b) - high))


class Beam:
    """Hypotheses are {tokens: [blank, sounding, language, frames]}, `before` what is settled."""

    def __init__(self, blank, language):
        self.blank, self.language, self.frame = blank, language, 0
        self.before, self.hypotheses = (), {(): [0.0, NONE, 0.0, ()]}

    def push(self, scores):
        """One frame of log probabilities (a list); returns the tokens [(piece, frame)] that it settles."""
        pieces = sorted((i for i in range(self.blank) if scores[i] > LEAST_SCORE), key=lambda i: (-scores[i], i))[:MOST_PIECES]
        following = {}
        for tokens, (blank, sounding, language, frames) in self.hypotheses.items():
            last = (self.before + tokens)[-1:]
            following[tokens] = [_add(blank, sounding) + scores[self.blank], sounding + scores[last[0]] if last else NONE, language, frames]
        for tokens, (blank, sounding, language, frames) in self.hypotheses.items():
            whole = self.before + tokens
            for piece in pieces:
                score = (blank if whole[-1:] == (piece,) else _add(blank, sounding)) + scores[piece]
                if score == NONE:
                    continue
                longer = tokens + (piece,)
                known = following.get(longer)
                if known is None:
                    said = self.language.weight * self.language.log_probability(whole, piece) + self.language.bonus
                    following[longer] = [NONE, score, language + said, frames + (self.frame,)]
                else:
                    # Told in several frames it is told at their mean, by likelihood.
                    share = math.exp(score - _add(_add(known[0], known[1]), score))
                    known[3] = known[3][:-1] + (known[3][-1] + share * (self.frame - known[3][-1]),)
                    known[1] = _add(known[1], score)
        worth = lambda item: _add(item[1][0], item[1][1]) + item[1][2]
        kept = sorted(following.items(), key=worth, reverse=True)[:WIDTH]
        least = worth(kept[0]) - GIVEN_UP
        top = _add(kept[0][1][0], kept[0][1][1])
        self.hypotheses = {tokens: [b - top, s - top, l, f] for tokens, (b, s, l, f) in kept if worth((tokens, (b, s, l, f))) >= least}
        self.frame += 1
        return self._settle()

    def _settle(self):
        best, (_, _, said, frames) = next(iter(self.hypotheses.items()))
        old = sum(frame <= self.frame - SETTLED_AFTER for frame in frames)
        same = {t: h for t, h in self.hypotheses.items() if t[:old] == best[:old]}
        count = old
        while count < len(best) and all(t[: count + 1] == best[: count + 1] for t in same):
            count += 1
        self.before = (self.before + best[:count])[-16:]
        first = frames[count - 1] if count else 0
        self.hypotheses = {t[count:]: [b, s, l - said, tuple(max(first, x) for x in f[count:])] for t, (b, s, l, f) in same.items()}
        return list(zip(best[:count], frames[:count]))

    def finish(self):
        """The tokens that are left."""
        best, (_, _, _, frames) = next(iter(self.hypotheses.items()))
        return list(zip(best, frames))


def search(scores, language):
    """[T', V + 1] log probabilities -> [(piece, frame)] like decode.greedy."""
    beam, out = Beam(scores.shape[1] - 1, language), []
    for row in scores.tolist():
        out += beam.push(row)
    return out + beam.finish()

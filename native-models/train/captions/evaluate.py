"""Word error rate and timing on held-out sentences, in the look-ahead that is shipped."""

from pathlib import Path

import numpy as np
import torch

from captions.beam import search
from captions.data.pool import Shard
from captions.decode import distance, greedy, matches, words
from captions.features import FLOOR

LEAD = 8
STEPS_OF_BLANK = (-1.5, -1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)


def framed(mel, look_ahead=6):
    """[T, 80] -> [1, 80, lead + T + tail], the tail long enough for the last frames to be told."""
    tail = 48 + 8 * (look_ahead + 1) - len(mel) % 8
    whole = np.concatenate([np.zeros((LEAD, 80), np.float32), mel.astype(np.float32), np.full((tail + 1, 80), FLOOR, np.float32)])
    return torch.from_numpy(whole.T[None].copy())


@torch.no_grad()
def recognise(net, pieces, mel, look_ahead=1, language=None):
    """[(word, first frame, last frame)] of one utterance's log-mel; greedy without a language."""
    net.eval()
    scores = net(framed(mel).to(net.head.weight.device), look_ahead)[0].float().cpu().numpy()
    return words(greedy(scores) if language is None else search(scores, language), pieces)


def error_rate(net, pieces, items, look_ahead=1, language=None):
    """WER over items with `mel` and `text`; also the pairs (item, words heard)."""
    wrong = total = 0
    heard = []
    for item in items:
        found = recognise(net, pieces, item["mel"], look_ahead, language)
        truth = item["text"].split()
        wrong += distance(truth, [w for w, _, _ in found])
        total += len(truth)
        heard.append((item, found))
    return wrong / max(1, total), heard


def timing(heard):
    """Seconds between what is told and what was spoken, of words heard right: start and end.

    A told word begins where the frame of its first piece begins and ends one frame after that of its last ends, or where the next begins.
    """
    starts, ends = [], []
    for item, found in heard:
        for i, j in matches(item["text"].split(), [w for w, _, _ in found]):
            starts.append(found[j][1] * 0.08 - float(item["words"][i][0]))
            following = found[j + 1][1] if j + 1 < len(found) else found[j][2] + 2
            ends.append(max(found[j][2] + 1, min(found[j][2] + 2, following)) * 0.08 - float(item["words"][i][1]))
    return np.array(starts), np.array(ends)


@torch.no_grad()
def balance_blank(net, pieces, pool, count=60):
    """Shift the blank's bias in place by what gives the least WER on training sentences; returns what was taken off.

    A net that is not sure tells a piece twice, or spreads it over frames that the blank then wins.
    """
    names = sorted({p.name[: -len(".npz")] for kind in ("espeak", "flite") for p in list(Path(pool).glob(f"train-{kind}-*.npz"))[:1]})
    rows = [item for name in names for item in items(pool, name, count)]
    scores = [net(framed(item["mel"]).to(net.head.weight.device), 1)[0].float().cpu().numpy() for item in rows]
    rates = []
    for amount in STEPS_OF_BLANK:
        wrong = 0
        for item, score in zip(rows, scores):
            score = score.copy()
            score[:, -1] -= amount
            wrong += distance(item["text"].split(), [w for w, _, _ in words(greedy(score), pieces)])
        rates.append(wrong)
    best = STEPS_OF_BLANK[int(np.argmin(rates))]
    net.head.bias[-1] -= best
    return best


def delays(net, pieces, pool, language, count=60):
    """Medians of `timing` in whole milliseconds over held-out sentences of both synthesisers; None while it hears none."""
    heard = [h for name in ("test-voices-espeak", "test-voices-flite") for h in error_rate(net, pieces, items(pool, name, count), 1, language)[1]]
    starts, ends = timing(heard)
    return None if not len(starts) else (round(1000 * float(np.median(starts))), round(1000 * float(np.median(ends))))


def items(pool, name, count=None):
    """The utterances of a test shard."""
    shard = Shard(pool, name)
    return [shard.item(i) for i in range(shard.count if count is None else min(count, shard.count))]

"""Word error rate and timing on held-out sentences, in the look-ahead that is shipped."""

import numpy as np
import torch

from captions.data.pool import Shard
from captions.decode import distance, greedy, matches, words
from captions.features import FLOOR

LEAD = 8


def framed(mel, look_ahead=6):
    """[T, 80] -> [1, 80, lead + T + tail], the tail long enough for the last frames to be told."""
    tail = 48 + 8 * (look_ahead + 1) - len(mel) % 8
    whole = np.concatenate([np.zeros((LEAD, 80), np.float32), mel.astype(np.float32), np.full((tail + 1, 80), FLOOR, np.float32)])
    return torch.from_numpy(whole.T[None].copy())


@torch.no_grad()
def recognise(net, pieces, mel, look_ahead=1):
    """[(word, first frame, last frame)] of one utterance's log-mel."""
    net.eval()
    scores = net(framed(mel).to(net.head.weight.device), look_ahead)[0].float().cpu().numpy()
    return words(greedy(scores), pieces)


def error_rate(net, pieces, items, look_ahead=1):
    """WER over items with `mel` and `text`; also the pairs (item, words heard)."""
    wrong = total = 0
    heard = []
    for item in items:
        found = recognise(net, pieces, item["mel"], look_ahead)
        truth = item["text"].split()
        wrong += distance(truth, [w for w, _, _ in found])
        total += len(truth)
        heard.append((item, found))
    return wrong / max(1, total), heard


def timing(heard):
    """Seconds between what is told and what was spoken, of words heard right: start and end.

    A told word begins where the frame of its first piece begins and ends where that of its last ends.
    """
    starts, ends = [], []
    for item, found in heard:
        for i, j in matches(item["text"].split(), [w for w, _, _ in found]):
            starts.append(found[j][1] * 0.08 - float(item["words"][i][0]))
            ends.append((found[j][2] + 1) * 0.08 - float(item["words"][i][1]))
    return np.array(starts), np.array(ends)


def delays(net, pieces, pool, count=60):
    """Medians of `timing` in whole milliseconds over held-out sentences of both synthesisers; None while it hears none."""
    heard = [h for name in ("test-voices-espeak", "test-voices-flite") for h in error_rate(net, pieces, items(pool, name, count))[1]]
    starts, ends = timing(heard)
    return None if not len(starts) else (round(1000 * float(np.median(starts))), round(1000 * float(np.median(ends))))


def items(pool, name, count=None):
    """The utterances of a test shard."""
    shard = Shard(pool, name)
    return [shard.item(i) for i in range(shard.count if count is None else min(count, shard.count))]

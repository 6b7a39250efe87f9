"""Greedy CTC decoding, word error rate and the times of words."""

import numpy as np


def greedy(scores):
    """[T', V + 1] -> [(piece, frame of its first highest score)]."""
    best, blank, out, before = scores.argmax(1), scores.shape[1] - 1, [], None
    for frame, piece in enumerate(best):
        if piece != blank and piece != before:
            out.append((int(piece), frame))
        before = piece
    return out


def distance(truth, found):
    """Fewest insertions, deletions and substitutions."""
    row = list(range(len(found) + 1))
    for i, a in enumerate(truth, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(found, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def matches(truth, found):
    """Pairs (i, j) of equal words on one cheapest alignment."""
    cost = np.zeros((len(truth) + 1, len(found) + 1), np.int64)
    cost[:, 0], cost[0] = np.arange(len(truth) + 1), np.arange(len(found) + 1)
    for i, a in enumerate(truth, 1):
        for j, b in enumerate(found, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (a != b))
    i, j, out = len(truth), len(found), []
    while i and j:
        if truth[i - 1] == found[j - 1] and cost[i, j] == cost[i - 1, j - 1]:
            out.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j - 1] + 1:
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return out[::-1]


def words(tokens, pieces):
    """[(piece, frame)] -> [(word, first frame, last frame)]."""
    out = []
    for number, frame in tokens:
        piece = pieces[number]
        if piece.startswith("\u2581") or not out:
            out.append([piece.lstrip("\u2581"), frame, frame])
        else:
            out[-1][0] += piece
            out[-1][2] = frame
    return [tuple(w) for w in out if w[0]]

"""Batches for training: utterances joined with pauses, made rougher, with frame-wise labels."""

import numpy as np
import torch

from captions.data.pool import PAUSE

LEAD = 8
AUDIO_FRAMES = 2000  # 10 ms frames of one batch
DELAY = 2  # frames; a piece is often clear only when the next sounds have been heard
QUIET = -13.0  # log-mel of a silent room, about


def _row(item_list, frames, rng):
    """Join utterances into one row of `frames` 10 ms frames after the lead; noise floor in the gaps."""
    mel = np.full((frames, 80), -16.6, np.float32)
    phones = np.full((frames + 1) // 2, PAUSE, np.int64)
    pieces, times, at = [], [], 0
    for item, gap in item_list:
        at += gap
        end = at + len(item["mel"])
        mel[at:end] = item["mel"]
        labels = item["phones"][: (end - at + 1) // 2]
        phones[at // 2 : at // 2 + len(labels)] = labels[: len(phones) - at // 2]
        pieces.append(item["pieces"])
        times.append(item["times"] + at / 100)
        at = end
    return mel, phones, np.concatenate(pieces), np.concatenate(times)


def roughen(mel, rng, strength):
    """Level, room noise, tone, voice (mel) warp, reverberation and masks, on [B, T, 80] log-mel.

    strength 0 leaves level and a faint noise floor, 1 is everything.
    """
    batch, frames, bands = mel.shape
    grid = np.arange(bands, dtype=np.float32)
    for row in mel:
        if rng.random() < 0.7 * strength:
            factor = 1 + rng.uniform(-0.1, 0.1) * strength
            place = np.clip(grid * factor, 0, bands - 1.001)
            low = place.astype(np.int64)
            share = (place - low).astype(np.float32)
            row[:] = row[:, low] * (1 - share) + row[:, low + 1] * share
        if rng.random() < 0.35 * strength:
            # Late reverberation as an exponential tail of the power of each band.
            decay, amount = np.exp(-0.01 * 13.8 / rng.uniform(0.15, 0.7)), rng.uniform(0.03, 0.25)
            power, tail = np.exp(row), np.zeros(bands, np.float32)
            for t in range(frames):
                tail = tail * decay + power[t] * (1 - decay)
                power[t] += amount * tail * 4
            row[:] = np.log(power + 6e-8)
    knots = rng.uniform(-1.6, 1.6, (batch, 5)).astype(np.float32) * strength
    tilt = np.stack([np.interp(grid, np.linspace(0, bands - 1, 5), k) for k in knots]).astype(np.float32)
    mel += tilt[:, None] + rng.uniform(-4.0, 2.0, (batch, 1, 1)).astype(np.float32)
    shape = np.stack([np.interp(grid, np.linspace(0, bands - 1, 4), k) for k in rng.uniform(-1.5, 1.5, (batch, 4))])
    peak = np.quantile(mel.mean(2), 0.9, axis=1)[:, None, None]
    snr = rng.uniform(7.0 - 5.0 * strength, 9.5, (batch, 1, 1))  # nats of power: 4.3 dB each
    floor = (peak - snr + shape[:, None]).astype(np.float32)
    mel = np.logaddexp(mel, floor + rng.standard_normal(mel.shape).astype(np.float32) * 0.5 - 0.15)
    for row in mel:
        if strength > 0.3:
            for _ in range(2):
                width = rng.integers(0, 1 + int(14 * strength))
                first = rng.integers(0, bands - width)
                row[:, first : first + width] = QUIET
            for _ in range(1 + frames // 250):
                width = rng.integers(0, 1 + int(12 * strength))
                first = rng.integers(0, frames - width)
                row[first : first + width] = QUIET
    return np.maximum(mel, -16.64)


def spans(times, count):
    """First and last 80 ms frame in which each piece may be told: from its start to DELAY frames after its end."""
    first = np.clip((times[:, 0] / 0.08).astype(np.int64), 0, count - 1)
    last = np.clip((times[:, 1] / 0.08).astype(np.int64) + DELAY, 0, count - 1)
    return first, last


def _targets(times, count):
    """One frame of its own for each piece, at its end where that is free."""
    place = np.clip((times[:, 1] / 0.08).astype(np.int64), 0, count - 1)
    for i in range(1, len(place)):
        place[i] = max(place[i], place[i - 1] + 1)
    return place


def _length(items):
    return sum(gap + len(item["mel"]) for item, gap in items)


def sounding(times, pieces, count, nothing):
    """The piece that sounds 100 ms before each 80 ms frame begins, so that most of it was heard; else `nothing`."""
    at = 0.08 * np.arange(count) - 0.1
    index = np.searchsorted(times[:, 0], at, side="right") - 1
    inside = (index >= 0) & (at < times[np.maximum(index, 0), 1])
    return np.where(inside, pieces[np.maximum(index, 0)], nothing).astype(np.int64)


class Batches:
    """Endless batches; `seconds` is the longest row, `join` the chance that a row is several utterances."""

    def __init__(self, speech, vocabulary, seed):
        self.speech, self.vocabulary, self.rng = speech, vocabulary, np.random.default_rng(seed)

    def next(self, seconds, join, strength):
        """{"features" [B, 80, T], "pieces" [N], "sizes" [B], "closed" [B, T', V + 1] bool, "frames" [B, T'], "sounding" [B, T'], "phones" [B, T', 4]}."""
        rng = self.rng
        limit = int(seconds * 100)
        # Rows of nearly one length: a run out of many drawn ones, sorted.
        drawn = sorted((self._items(limit, rng.random() < join) for _ in range(24)), key=_length)
        last = int(rng.integers(8, 24))
        longest = _length(drawn[last]) + 12
        count = -(-longest // 48) * 6
        frames, room = 8 * count + 1, max(1, AUDIO_FRAMES // longest)
        rows = drawn[max(0, last + 1 - room) : last + 1]
        made = [_row(r, frames, rng) for r in rows]
        mel = roughen(np.stack([m[0] for m in made]), rng, strength)
        features = np.concatenate([np.zeros((len(rows), LEAD, 80), np.float32), mel], 1)
        closed = np.ones((len(rows), count, self.vocabulary + 1), bool)
        closed[:, :, self.vocabulary] = False
        labels = np.full((len(rows), count), self.vocabulary)
        for b, (_, _, pieces, times) in enumerate(made):
            for piece, first, last in zip(pieces, *spans(times, count)):
                closed[b, first : last + 1, piece] = False
            place = _targets(times, count)
            inside = place < count
            labels[b, place[inside]] = pieces[inside]
        phones = np.stack([m[1][: 4 * count].reshape(count, 4) for m in made])
        return {"features": torch.from_numpy(features).transpose(1, 2), "pieces": torch.from_numpy(np.concatenate([m[2] for m in made]).astype(np.int64)),
                "sizes": torch.tensor([len(m[2]) for m in made]), "closed": torch.from_numpy(closed),
                "frames": torch.from_numpy(labels),
                "sounding": torch.from_numpy(np.stack([sounding(m[3], m[2], count, self.vocabulary) for m in made])), "phones": torch.from_numpy(phones)}

    def _items(self, limit, several):
        """[(item, gap before)], together no longer than `limit` frames where there are such utterances."""
        rng, items, used = self.rng, [], 0
        for _ in range(20):
            item = self.speech.pick(rng)
            gap = int(rng.integers(0, 30)) if not items else int(rng.integers(5, 90))
            if used + gap + len(item["mel"]) <= limit:
                items.append((item, gap))
                used += gap + len(item["mel"])
                if not several:
                    break
            elif items:
                break
        return items or [(min((self.speech.pick(rng) for _ in range(10)), key=lambda i: len(i["mel"])), 0)]

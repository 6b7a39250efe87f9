"""Shards of synthetic speech on disk: float16 log-mel with words, pieces and phones in time.

`NAME.mel` holds [frames, 80] of all utterances one after another; `NAME.npz` the rest.
An utterance is made from (seed, shard, index) alone, so shards can be made side by side.
"""

import json
import os
from pathlib import Path

import numpy as np

from captions.data import espeak, flite
from captions.data.pieces import Coder
from captions.features import RATE, log_mel

SIZE = 2000  # utterances of a training shard
PHONE_MS = 20
OTHER, PAUSE = 0, 1
LONGEST_S = 9.0
COMMON, COMMON_SHARE = 3000, 0.85  # so many draws avoid sentences with a word beyond the 3,000 most frequent
FLITE_SHARE = 0.25  # its voices come from people, but they are few


class Studio:
    """Speaks sentences in random voices; `kind` is "espeak", "flite" or "accent" (the held-out one)."""

    def __init__(self, kind, pool):
        self.kind = kind
        if kind == "flite":
            self.flite = flite.Flite()
            return
        self.espeak = espeak.Espeak()
        listed = Path(pool) / "variants.json"
        if not listed.exists():
            listed.write_text(json.dumps(self.espeak.variants()))
        self.variants = json.loads(listed.read_text())

    def say(self, text, rng):
        """(Speech, name of the voice) or None."""
        shift = 1.0 if rng.random() < 0.4 else rng.uniform(0.87, 1.16)
        if self.kind == "flite":
            voice = rng.choice(flite.VOICES, p=flite.WEIGHTS)
            return self.flite.say(voice, text, rng.uniform(0.8, 1.25) * shift, shift), f"flite {voice}"
        accent = espeak.HELD_OUT_ACCENT if self.kind == "accent" else rng.choice(espeak.ACCENTS, p=espeak.WEIGHTS)
        voice = f"{accent}+{rng.choice(self.variants)}"
        rate = rng.integers(130, 216) / shift
        return self.espeak.say(voice, text, rate, rng.integers(25, 76), rng.integers(30, 75), shift), f"espeak {voice}"


def piece_spans(words, spans, coder):
    """Pieces of the words and, for each, start and end in seconds, shared out by letters."""
    numbers, times = [], []
    for word, (begin, end) in zip(words, spans):
        pieces = coder.word(word)
        sizes = np.array([len(coder.pieces[p].lstrip("\u2581")) for p in pieces], np.float64)
        edges = begin + (end - begin) * np.concatenate([[0], np.cumsum(sizes)]) / max(1, sizes.sum())
        numbers += pieces
        times += list(zip(edges[:-1], edges[1:]))
    return numbers, times


def phone_row(phones, count, names):
    """Class of each 20 ms: the phone at its middle."""
    row = np.full(count, PAUSE, np.uint8)
    for begin, end, name in phones:
        a, b = round(begin * 1000 / PHONE_MS), round(end * 1000 / PHONE_MS)
        row[a:b] = PAUSE if name == "pau" else names.get(name, OTHER)
    return row


def phone_names(pool, sentences):
    """name -> class of every phone heard in a sample of both synthesisers; written once."""
    path = Path(pool) / "phones.json"
    if not path.exists():
        rng, names = np.random.default_rng(0), set()
        for kind in ("espeak", "flite"):
            studio = Studio(kind, pool)
            for text in sentences[:400]:
                speech, _ = studio.say(text, rng)
                names |= {name for _, _, name in speech.phones} if speech else set()
        listed = sorted(names - {"pau"})
        path.write_text(json.dumps({name: 2 + i for i, name in enumerate(listed)}))
    return json.loads(path.read_text())


def make(pool, name, kind, sentences, pieces, seed, count, in_order=False):
    """Write one shard unless it is there."""
    pool = Path(pool)
    if (pool / f"{name}.npz").exists():
        return
    names, studio, coder = phone_names(pool, sentences), Studio(kind, pool), Coder(pieces)
    rng, rows, at = np.random.default_rng(seed), [], 0
    fresh = pool / f"{name}.mel.new"
    with open(fresh, "wb") as file:
        for index in range(count):
            text = sentences[index] if in_order else sentences[rng.integers(len(sentences))]
            speech, voice = studio.say(text, rng)
            if speech is None or len(speech.samples) > LONGEST_S * RATE:
                continue
            mel = log_mel(speech.samples).astype(np.float16)
            file.write(mel.tobytes())
            numbers, times = piece_spans(text.split(), speech.words, coder)
            rows.append((at, len(mel), numbers, times, phone_row(speech.phones, (len(mel) + 1) // 2, names), text, voice, speech.words))
            at += len(mel)
    flat = lambda column, kind: np.concatenate([np.asarray(r[column], kind).reshape(-1) for r in rows])
    ends = lambda column: np.cumsum([len(r[column]) for r in rows])
    np.savez(pool / f"{name}.new.npz", start=[r[0] for r in rows], frames=[r[1] for r in rows], pieces=flat(2, np.int16),
             piece_end=ends(2), times=flat(3, np.float32), phones=flat(4, np.uint8), phone_end=ends(4),
             text=[r[5] for r in rows], voice=[r[6] for r in rows], words=flat(7, np.float32), word_end=ends(7))
    os.replace(fresh, pool / f"{name}.mel")
    os.replace(pool / f"{name}.new.npz", pool / f"{name}.npz")


class Shard:
    """One shard, features mapped from disk; `ranks` (word -> place by frequency) tells the rarest word of each utterance."""

    def __init__(self, pool, name, ranks=None):
        table = np.load(Path(pool) / f"{name}.npz")
        self.table = {key: table[key] for key in table.files}
        self.mel = np.memmap(Path(pool) / f"{name}.mel", np.float16, "r").reshape(-1, 80)
        self.count = len(self.table["start"])
        self.rarest = np.array([max(ranks.get(w, COMMON) for w in str(t).split()) for t in self.table["text"]]) if ranks else None

    def _part(self, name, end, index, width=1):
        ends = self.table[end]
        return self.table[name][(ends[index - 1] if index else 0) * width : ends[index] * width]

    def item(self, index):
        """{"mel", "pieces", "times" [U, 2] s, "phones", "text", "voice", "words" [W, 2] s} of one utterance."""
        t = self.table
        first, frames = int(t["start"][index]), int(t["frames"][index])
        return {"mel": self.mel[first : first + frames], "pieces": self._part("pieces", "piece_end", index),
                "times": self._part("times", "piece_end", index, 2).reshape(-1, 2), "phones": self._part("phones", "phone_end", index),
                "text": str(t["text"][index]), "voice": str(t["voice"][index]),
                "words": self._part("words", "word_end", index, 2).reshape(-1, 2)}


class Speech:
    """All training shards of a pool; `refresh` takes in those made since."""

    def __init__(self, pool):
        self.pool, self.names, self.shards = Path(pool), [], []
        listed = json.loads((self.pool / "text.json").read_text())["words"]
        self.ranks = {word: place for place, (word, _) in enumerate(listed)}
        self.refresh()

    def refresh(self):
        """Look for new shards."""
        for path in sorted(self.pool.glob("train-*.npz")):
            name = path.name[: -len(".npz")]
            if name not in self.names and not name.endswith(".new"):
                self.names.append(name)
                self.shards.append(Shard(self.pool, name, self.ranks))

    @property
    def hours(self):
        return sum(len(s.mel) for s in self.shards) / 360000

    def pick(self, rng):
        """A random utterance, of flite in FLITE_SHARE of the cases where there are both."""
        recorded = [s for s, name in zip(self.shards, self.names) if "-flite-" in name]
        others = [s for s, name in zip(self.shards, self.names) if "-flite-" not in name]
        shards = recorded if recorded and (not others or rng.random() < FLITE_SHARE) else others
        tries = 6 if rng.random() < COMMON_SHARE else 1
        for _ in range(tries):
            shard = shards[rng.integers(len(shards))]
            index = rng.integers(shard.count)
            if shard.rarest[index] < COMMON:
                break
        return shard.item(index)

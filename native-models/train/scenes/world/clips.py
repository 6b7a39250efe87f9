"""Clips for training: attributes, held-out combinations, prompts, prompt switches."""

import itertools

import numpy as np

from scenes import vocabulary

from .scene import CHOICES, Scene

FPS, SINK, FRAMES, CHUNK = 8, 3, 24, 3
COMBINED = ("place", "time", "weather", "style")
SILENT = {"weather": "clear", "camera": "steady"}  # what an unmentioned word stands for; else nothing or chance
SAID = {"place": 0.94, "time": 0.93, "weather": 0.94, "style": 0.95, "subject": 0.96, "colour": 0.85, "motion": 0.85, "camera": 0.92}
FILLERS = 0.25


def _held():
    combinations = list(itertools.product(*(CHOICES[key] for key in COMBINED)))
    chosen = np.random.default_rng(77).permutation(len(combinations))[:round(0.05 * len(combinations))]
    return {combinations[i] for i in chosen}


HELD_OUT = _held()


def held_out(attributes):
    """Whether these attributes belong to the 5 % of place x time x weather x style never trained on."""
    return tuple(attributes[key] for key in COMBINED) in HELD_OUT


def draw(rng, held=False):
    """Random attributes, from the held-out combinations or from the others."""
    while True:
        a = {key: values[rng.integers(len(values))] for key, values in CHOICES.items()}
        if rng.random() < 0.4:
            a["camera"] = ("steady", "left", "right")[rng.integers(3)]
        if a["subject"] is None:
            a["motion"] = None
        if held_out(a) == held:
            return a


_SYNONYMS = {}
for _word, _meant in vocabulary.SYNONYMS.items():
    _SYNONYMS.setdefault(_meant, []).append(_word)


def tokens(attributes, rng):
    """Token ids of a prompt that tells most of the attributes, in any order, in synonyms, among unknown words."""
    said = []
    for key, value in attributes.items():
        if value is None or key in ("colour", "motion") and attributes["subject"] is None:
            continue
        chance = 0.5 if SILENT.get(key) == value else SAID[key]
        if rng.random() < chance:
            said.append(vocabulary.WORDS[value])
    said += [1] * int(rng.integers(1, 3)) if rng.random() < FILLERS else []
    rng.shuffle(said)
    return (said + [0] * vocabulary.LENGTH)[:vocabulary.LENGTH]


def sentence(attributes):
    """The plain prompt of some attributes, every word said."""
    order = ("colour", "subject", "motion", "place", "time", "weather", "camera", "style")
    drop = ("colour", "motion") if attributes["subject"] is None else ()
    return " ".join(attributes[key] for key in order if attributes[key] and key not in drop)


def render(attributes, seed, frames):
    """uint8 pictures [N, 128, 256, 3] of the given frame numbers."""
    scene = Scene(attributes, seed)
    return np.stack([(scene.frame(f / FPS) * 255 + 0.5).astype(np.uint8) for f in frames]).transpose(0, 2, 3, 1)


def clip(seed, bare=False):
    """(pictures [24, 128, 256, 3], record): three frames of a show's beginning, then 21
    from there on or from any time later; in a fifth of the clips the prompt changes
    and three frames fade from one scene to the other. `bare`: drawn without its subjects."""
    drawn = lambda attributes: {**attributes, "subject": None} if bare else attributes
    rng = np.random.default_rng((seed, 5))
    first = draw(rng)
    later = SINK if rng.random() < 0.5 else int(rng.integers(20, 1200))
    frames = list(range(SINK)) + list(range(later, later + FRAMES - SINK))
    hidden = int(rng.integers(2**31))
    pictures = render(drawn(first), hidden, frames)
    record = {"seed": seed, "hidden": hidden, "later": later, "first": first, "second": None, "switch": FRAMES // CHUNK}
    if rng.random() < 0.2:
        second, at = draw(rng), int(rng.integers(2, 6))
        if rng.random() < 0.5:
            for key in rng.choice(("place", "time", "weather", "style"), 2, replace=False):
                second[key] = first[key]
        if not held_out(second):
            after = render(drawn(second), hidden, frames[at * CHUNK:]).astype(np.float32)
            share = np.ones(len(after), np.float32)
            share[:CHUNK] = (np.arange(CHUNK) + 1) / (CHUNK + 1)
            share = share[:, None, None, None]
            pictures[at * CHUNK:] = (pictures[at * CHUNK:] * (1 - share) + after * share + 0.5).astype(np.uint8)
            record.update(second=second, switch=at)
    return pictures, record

"""Fill the pool: sentences, pieces, test shards, training shards."""

import json
from pathlib import Path

from captions.data import pieces, pool as pools, text
from captions.data.known import ASIDE

PIECES = 256


def sentences(folder, sources, known=None):
    """text.json of the pool, made from the packages' files when it is not there; `known`: pieces to keep."""
    path = Path(folder) / "text.json"
    if not path.exists():
        Path(folder).mkdir(parents=True, exist_ok=True)
        found = text.collect(sources, ASIDE)
        found["pieces"] = known or pieces.learn([tuple(w) for w in found["words"]], PIECES)
        path.write_text(json.dumps(found))
    return json.loads(path.read_text())


def tests(folder, data):
    """The held-out shards: training voices, the held-out accent."""
    test = data["test"]
    pools.make(folder, "test-voices-espeak", "espeak", test[:300], data["pieces"], 901, 300, in_order=True)
    pools.make(folder, "test-voices-flite", "flite", test[300:420], data["pieces"], 902, 120, in_order=True)
    pools.make(folder, "test-accent", "accent", test[420:720], data["pieces"], 903, 300, in_order=True)


def fill(folder, data, kind, first, last):
    """Training shards `first` .. `last` - 1 of one synthesiser."""
    for index in range(first, last):
        seed = 1000 + 2 * index + (kind == "flite")
        pools.make(folder, f"train-{kind}-{index:03d}", kind, data["train"], data["pieces"], seed, pools.SIZE)

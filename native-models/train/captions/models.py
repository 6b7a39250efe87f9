"""Networks from checkpoints and from the shipped file."""

import json
from dataclasses import replace
from pathlib import Path

import onnx

from captions.export import read_tokens, restore
from captions.nets import TRAINING_ONLY, Captions, Shape
from shared import checkpoint
from shared.export import ROOT

SHIPPED = ROOT / "models" / "captions"


def pieces_of(pool):
    """The pieces of a pool's text.json."""
    return json.loads((Path(pool) / "text.json").read_text())["pieces"]


def trained(folder, pool, name="captions"):
    """(net, pieces) of a checkpoint's averaged weights, the heads only training has left out."""
    state = checkpoint.load(folder, name)
    average = {key: value for key, value in state["average"].items() if not key.startswith(TRAINING_ONLY)}
    net = Captions(_sizes(average))
    net.load_state_dict(average)
    return net.eval(), pieces_of(pool)


def spent(folder):
    """"N steps, N minutes" of all the training that the progress file in `folder` tells of."""
    last = json.loads((Path(folder) / "wer.jsonl").read_text().splitlines()[-1])
    return f"{last['step']} steps, {last['seconds'] / 60:.0f} minutes"


def _sizes(state):
    """The shape that a state dict's tensors tell."""
    layers = 1 + max(int(key.split(".")[1]) for key in state if key.startswith("blocks."))
    return Shape(vocabulary=state["head.weight"].shape[0] - 1, width=state["head.weight"].shape[1], layers=layers,
                 heads=state["blocks.0.attention.table"].shape[0], hidden=state["blocks.0.before.up.weight"].shape[0],
                 kernel=state["blocks.0.depthwise.weight"].shape[2],
                 channels=tuple(state[f"subsampling.convs.{i}.weight"].shape[0] for i in range(3)))


def shipped(symbols=0, folder=SHIPPED):
    """(net, pieces, metadata) of the shipped file; with `symbols` a fresh phone head for training on."""
    model = onnx.load(str(Path(folder) / "model.onnx"))
    props = {p.key: p.value for p in model.metadata_props}
    from shared.export import weights
    found = {name[len("net."):]: value for name, value in weights(Path(folder) / "model.onnx").items() if name.startswith("net.")}
    net = Captions(replace(_sizes(found), symbols=symbols))
    missing = [name for name in restore(net, Path(folder) / "model.onnx") if not name.startswith(TRAINING_ONLY)]
    if missing:
        raise ValueError(f"The shipped captions model must hold every weight by name; it lacks {missing[:3]}. Export it anew.")
    return net.eval(), read_tokens(Path(folder) / "tokens.txt"), props

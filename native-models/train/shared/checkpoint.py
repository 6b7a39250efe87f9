"""Checkpoints as parts below 16 MiB, written so that a stopped write loses nothing."""

import json
import os
from pathlib import Path

import torch

PART_BYTES = 15 * 2**20


def _flatten(value, path, tensors):
    if isinstance(value, torch.Tensor):
        tensors[path] = value.detach().cpu()
        return {"tensor": path}
    if isinstance(value, dict):
        return {"dict": [[k, _flatten(v, f"{path}/{k}", tensors)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"list": [_flatten(v, f"{path}/{i}", tensors) for i, v in enumerate(value)]}
    return {"value": value}


def _restore(node, tensors):
    if "tensor" in node:
        return tensors[node["tensor"]]
    if "dict" in node:
        return {k: _restore(v, tensors) for k, v in node["dict"]}
    if "list" in node:
        return [_restore(v, tensors) for v in node["list"]]
    return node["value"]


def save(folder, name, state):
    """Write nested dicts/lists of tensors and JSON values as `name.N.pt` + `name.json`.

    The index is renamed into place last; parts of the previous checkpoint stay
    until then, so a reader always finds a whole one.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    tree = _flatten(state, "", tensors)
    index = folder / f"{name}.json"
    before = json.loads(index.read_text()) if index.exists() else {"generation": 0, "parts": []}
    generation = before["generation"] + 1
    parts, part, size = [], {}, 0

    def flush():
        file = f"{name}.{generation}.{len(parts)}.pt"
        torch.save(part, folder / file)
        parts.append(file)

    for path, tensor in tensors.items():
        nbytes = tensor.numel() * tensor.element_size()
        if part and size + nbytes > PART_BYTES:
            flush()
            part, size = {}, 0
        part[path], size = tensor.clone(), size + nbytes
    flush()
    fresh = folder / f"{name}.json.new"
    fresh.write_text(json.dumps({"generation": generation, "parts": parts, "tree": tree}))
    os.replace(fresh, index)
    for file in before["parts"]:
        (folder / file).unlink(missing_ok=True)


def exists(folder, name):
    """Whether a checkpoint of that name lies in the folder."""
    return (Path(folder) / f"{name}.json").exists()


def load(folder, name):
    """The nested state that `save` wrote, tensors on the CPU."""
    index = json.loads((Path(folder) / f"{name}.json").read_text())
    tensors = {}
    for file in index["parts"]:
        tensors.update(torch.load(Path(folder) / file, map_location="cpu"))
    return _restore(index["tree"], tensors)

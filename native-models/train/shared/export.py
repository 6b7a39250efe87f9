"""Torch to ONNX (opset 17, float32), the catalogue and machine-readable contracts."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

OPSET = 17
ROOT = Path(__file__).resolve().parent.parent.parent


def write_json(path, value):
    """Write JSON beside and rename, so that a reader always finds a whole file."""
    fresh = Path(str(path) + ".new")
    fresh.write_text(json.dumps(value, indent=2) + "\n")
    os.replace(fresh, path)


def sample_input(kind, dims, sizes):
    """A tensor that fits one input of a contract; `sizes` says what symbols stand for."""
    shape = [sizes.get(d, d) for d in dims]
    return torch.randint(0, 8, shape) if kind == "int64" else torch.rand(shape)


def write_graph(net, role, graph, sizes, folder, maker, metadata=None):
    """Export one net as `folder`/`role`.onnx, checked, written beside and renamed.

    graph: {"inputs": {name: (type, dims)}, "outputs": …}, a string dim being dynamic;
    maker: doc string; metadata: metadata_props of the file.
    """
    inputs = tuple(sample_input(*spec, sizes) for spec in graph["inputs"].values())
    axes = {name: {i: d.replace("/", "_") for i, d in enumerate(dims) if isinstance(d, str)}
            for part in ("inputs", "outputs") for name, (_, dims) in graph[part].items()}
    path = Path(folder) / f"{role}.onnx"
    fresh = path.with_suffix(".onnx.new")
    torch.onnx.export(net.float().cpu().eval(), inputs, str(fresh), opset_version=OPSET, dynamic_axes=axes,
                      input_names=list(graph["inputs"]), output_names=list(graph["outputs"]))
    model = onnx.load(str(fresh))
    onnx.checker.check_model(model)
    model.doc_string, model.producer_version = maker, ""
    if metadata:
        onnx.helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.save(model, str(fresh))
    os.replace(fresh, path)
    return path


def weights(path):
    """name -> tensor of an ONNX file's initializers. Those that the exporter left as they were
    have their module's own names, so that a shipped model can be trained on."""
    graph = onnx.load(str(path)).graph
    return {t.name: torch.from_numpy(np.array(numpy_helper.to_array(t))) for t in graph.initializer}


def contract_files(graphs, ranges=(), metadata=()):
    """The `files` of a contract: per graph the inputs and outputs; string dims are symbolic.

    ranges: tensor name -> (least, largest) value, where the contract gives them;
    metadata: role -> rules for the metadata_props of its file.
    """
    ranges, metadata = dict(ranges), dict(metadata)
    extra = lambda n: {"range": list(ranges[n])} if n in ranges else {}
    tensors = lambda part: [{"name": n, "type": t, "dims": d, **extra(n)} for n, (t, d) in part.items()]
    return [{"role": role, "file": f"{role}.onnx", "inputs": tensors(g["inputs"]), "outputs": tensors(g["outputs"]),
             **({"metadata": metadata[role]} if role in metadata else {})}
            for role, g in graphs.items()]


def write_catalogue(entry, files, root=ROOT):
    """Put a model into catalogue.json with the bytes and hashes found on disk.

    entry: the model without `files`; files: [(role, path below the entry's folder)].
    Entries of other models are kept in their places; where they share a file they get its new hash.
    """
    folder, found, written = root / entry["folder"], [], {}
    for role, name in files:
        data = (folder / name).read_bytes()
        written[(folder / name).resolve()] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        found.append({"role": role, "path": name, **written[(folder / name).resolve()]})
    path = root / "catalogue.json"
    catalogue = json.loads(path.read_text()) if path.exists() else {"version": 1, "models": []}
    for model in catalogue["models"]:
        for file in model["files"]:
            file.update(written.get((root / model["folder"] / file["path"]).resolve(), {}))
    fresh, ids = {**entry, "files": found}, [model["id"] for model in catalogue["models"]]
    if entry["id"] in ids:
        catalogue["models"][ids.index(entry["id"])] = fresh
    else:
        catalogue["models"].append(fresh)
    write_json(path, catalogue)

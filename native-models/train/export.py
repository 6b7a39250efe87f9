"""Torch to ONNX (opset 17, float32), the catalogue and the machine-readable contract."""

import hashlib
import json
import os
from pathlib import Path

import onnx
import torch

import philox
import vocabulary
from nets.codec import LATENT
from nets.text import WIDTH as TEXT
from sampling import levels

OPSET = 17
ROOT = Path(__file__).resolve().parent.parent
GRAPHS = {
    "codec_encoder": {
        "inputs": {"image": ("float32", ["B", 3, "H", "W"])},
        "outputs": {"latent": ("float32", ["B", LATENT, "H/8", "W/8"])}},
    "codec_decoder": {
        "inputs": {"latent": ("float32", ["B", LATENT, "h", "w"])},
        "outputs": {"image": ("float32", ["B", 3, "8h", "8w"])}},
    "text_encoder": {
        "inputs": {"input_ids": ("int64", ["B", vocabulary.LENGTH])},
        "outputs": {"hidden": ("float32", ["B", vocabulary.LENGTH, TEXT])}},
    "unet": {
        "inputs": {"sample": ("float32", ["B", LATENT, "h", "w"]), "sigma": ("float32", ["B"]),
                   "condition": ("float32", ["B", LATENT, "h", "w"]), "strength": ("float32", ["B"]),
                   "encoder_hidden_states": ("float32", ["B", vocabulary.LENGTH, TEXT])},
        "outputs": {"velocity": ("float32", ["B", LATENT, "h", "w"])}},
}
SIZES = {"B": 2, "H": 64, "W": 96, "h": 8, "w": 12}


def sample_input(kind, dims):
    """A tensor that fits one input of the contract, B = 2."""
    shape = [SIZES.get(d, d) for d in dims]
    return torch.randint(0, 8, shape) if kind == "int64" else torch.rand(shape)


def write_graph(net, role, folder):
    """Export one net as `folder`/`role`.onnx, checked, written beside and renamed."""
    graph = GRAPHS[role]
    inputs = tuple(sample_input(*spec) for spec in graph["inputs"].values())
    axes = {name: {i: d.replace("/", "_") for i, d in enumerate(dims) if isinstance(d, str)}
            for part in ("inputs", "outputs") for name, (_, dims) in graph[part].items()}
    path = Path(folder) / f"{role}.onnx"
    fresh = path.with_suffix(".onnx.new")
    torch.onnx.export(net.float().cpu().eval(), inputs, str(fresh), opset_version=OPSET, dynamic_axes=axes,
                      input_names=list(graph["inputs"]), output_names=list(graph["outputs"]))
    model = onnx.load(str(fresh))
    onnx.checker.check_model(model)
    model.doc_string, model.producer_version = "Fantascope animate, trained by native-models/train", ""
    onnx.save(model, str(fresh))
    os.replace(fresh, path)
    return path


def write_contract(path):
    """animate.json: per graph file the inputs and outputs; string dims are symbolic."""
    tensors = lambda part: [{"name": n, "type": t, "dims": d} for n, (t, d) in part.items()]
    files = [{"role": role, "file": f"{role}.onnx", "inputs": tensors(g["inputs"]), "outputs": tensors(g["outputs"])}
             for role, g in GRAPHS.items()]
    contract = {"contract": "animate", "version": 1, "opset": OPSET, "spatialMultiple": 32,
                "latentChannels": LATENT, "codecFactor": 8, "sigmas": levels(4), "files": files}
    _write_json(path, contract)


def _write_json(path, value):
    fresh = Path(str(path) + ".new")
    fresh.write_text(json.dumps(value, indent=2) + "\n")
    os.replace(fresh, path)


def write_catalogue(version, root=ROOT):
    """Put animate-mini into catalogue.json with the bytes and hashes found on disk.

    Entries of other models are kept as they are.
    """
    folder = root / "models" / "animate"
    names = [(role, f"{role}.onnx") for role in GRAPHS] + [("vocabulary", "vocabulary.json")]
    files = []
    for role, name in names:
        data = (folder / name).read_bytes()
        files.append({"role": role, "path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    entry = {"id": "animate-mini", "name": "Animate mini", "task": "animate", "version": version,
             "contract": "animate", "licence": "MIT", "source": "trained here: native-models/train", "tier": "cpu",
             "languages": ["en"], "folder": "models/animate", "files": files}
    path = root / "catalogue.json"
    catalogue = json.loads(path.read_text()) if path.exists() else {"version": 1, "models": []}
    catalogue["models"] = [m for m in catalogue["models"] if m["id"] != entry["id"]] + [entry]
    _write_json(path, catalogue)


def export_all(codec, text, unet, version, root=ROOT):
    """Write every shipped file of the animate model, then the catalogue last."""
    folder = root / "models" / "animate"
    folder.mkdir(parents=True, exist_ok=True)
    for role, net in (("codec_encoder", codec.encoder), ("codec_decoder", codec.decoder),
                      ("text_encoder", text), ("unet", unet)):
        write_graph(net, role, folder)
    vocabulary.write(folder / "vocabulary.json")
    (root / "contracts").mkdir(exist_ok=True)
    write_contract(root / "contracts" / "animate.json")
    _write_json(root / "contracts" / "noise-vectors.json", philox.vectors())
    write_catalogue(version, root)

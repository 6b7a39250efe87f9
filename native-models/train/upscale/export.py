"""The shipped file of the upscale model and its place in the catalogue."""

import torch

from shared import parity
from shared.export import ROOT, write_catalogue, write_graph

GRAPH = {"inputs": {"input": ("float32", ["B", 3, "H", "W"])}, "outputs": {"output": ("float32", ["B", 3, "2H", "2W"])}}
SIZES = {"B": 1, "H": 64, "W": 48}
SHAPES = ((1, 3, 24, 32), (1, 3, 33, 47), (2, 3, 64, 64), (1, 3, 128, 96))
"""Inputs on which the file must give what torch gives."""


def export_all(net, version, root=ROOT):
    """Write model.onnx, hold it against torch, then put it into the catalogue."""
    folder = root / "models" / "upscale"
    folder.mkdir(parents=True, exist_ok=True)
    path = write_graph(net, "model", GRAPH, SIZES, folder, "Fantascope upscale, trained by native-models/train")
    worst = parity.check(net, path, [torch.rand(shape) for shape in SHAPES])
    print(f"upscale: {path.stat().st_size} bytes, torch and onnxruntime-node differ by at most {worst:.1e}")
    entry = {"id": "upscale-mini", "name": "Upscale mini", "task": "upscale", "version": version,
             "contract": "upscale-compact", "licence": "MIT", "source": "trained here: native-models/train", "tier": "cpu",
             "languages": [], "folder": "models/upscale"}
    write_catalogue(entry, [("model", "model.onnx")], root)

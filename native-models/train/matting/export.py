"""The shipped file of the matting model and its place in the catalogue."""

import torch

from shared import parity
from shared.export import ROOT, write_catalogue, write_graph

GRAPH = {"inputs": {"input": ("float32", ["B", 3, "H", "W"])}, "outputs": {"output": ("float32", ["B", 1, "H", "W"])}}
SIZES = {"B": 1, "H": 64, "W": 96}
SHAPES = ((1, 3, 64, 96), (2, 3, 32, 32), (1, 3, 256, 256), (1, 3, 288, 512))
"""Inputs on which the file must give what torch gives."""


def export_all(net, version, root=ROOT):
    """Write model.onnx, hold it against torch, then put it into the catalogue."""
    folder = root / "models" / "matting"
    folder.mkdir(parents=True, exist_ok=True)
    path = write_graph(net, "model", GRAPH, SIZES, folder, "Fantascope matting, trained by native-models/train")
    worst = parity.check(net, path, [torch.rand(shape) * 2 - 1 for shape in SHAPES])
    print(f"matting: {path.stat().st_size} bytes, torch and onnxruntime-node differ by at most {worst:.1e}")
    entry = {"id": "matting-mini", "name": "Matting mini", "task": "matting", "version": version,
             "contract": "matting-modnet", "licence": "MIT", "source": "trained here: native-models/train", "tier": "cpu",
             "languages": [], "folder": "models/matting"}
    write_catalogue(entry, [("model", "model.onnx")], root)

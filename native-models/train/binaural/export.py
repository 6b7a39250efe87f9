"""The shipped files of the binaural model, its contract and its place in the catalogue."""

import os

import onnx

from binaural import noise, parametric, sampling, spectra
from binaural.geometry import MARGIN, Room
from binaural.net import POSE
from binaural.scale import COMPRESSION, SPECTRUM_SCALE
from binaural.vectors import described
from shared.export import OPSET, ROOT, contract_files, write_catalogue, write_graph, write_json

MAKER = "Fantascope binaural, trained by native-models/train"


def graph(net):
    """Inputs and outputs of velocity.onnx; F is the number of frames."""
    spectrum = ("float32", [1, 4, "F", spectra.BINS])
    caches = net.cache_shapes()
    return {
        "inputs": {"sample": spectrum, "start": spectrum, "pose": ("float32", [1, "F", POSE]), "time": ("float32", [1]),
                   **{f"cache_{i}": ("float32", shape) for i, shape in enumerate(caches)}},
        "outputs": {"velocity": spectrum, **{f"cache_{i}_next": ("float32", shape) for i, shape in enumerate(caches)}}}


def contract(net):
    """binaural.json as JSON values."""
    return {
        "contract": "binaural", "version": 1, "opset": OPSET, "sampleRate": parametric.RATE,
        "window": spectra.WINDOW, "hop": spectra.HOP, "bins": spectra.BINS, "delay": spectra.DELAY,
        "compression": COMPRESSION, "spectrumScale": SPECTRUM_SCALE, "sigma": sampling.SIGMA, "t0": sampling.T0,
        "steps": {str(n): times for n, times in sampling.TIMES.items()},
        "chunkFrames": sampling.CHUNK, "P": POSE,
        "noise": {"stream": noise.STREAM, "blocksPerFrame": noise.BLOCKS},
        "caches": net.cache_shapes(),
        "parametric": {"block": parametric.BLOCK, "speed": parametric.SPEED, "headRadius": parametric.RADIUS,
                       "baseDelay": parametric.BASE_DELAY, "nearest": parametric.NEAREST, "alphaMin": parametric.ALPHA_MIN,
                       "thetaMin": parametric.THETA_MIN, "matchedHz": parametric.MATCHED_HZ, "wallHz": parametric.WALL_HZ,
                       "tailHz": parametric.TAIL_HZ, "tailStart": parametric.TAIL_START, "lines": list(parametric.LINES),
                       "margin": MARGIN, "room": described(Room())},
        "proof": {"sizes": {"F": 1}, "free": ["F"]},
        "files": contract_files({"velocity": graph(net)}, {"time": (0, 1)})}


def write_velocity(net, folder):
    """velocity.onnx into a folder, its outputs declared as the contract lists them."""
    spec = graph(net)
    path = write_graph(net, "velocity", spec, {"F": sampling.CHUNK}, folder, MAKER)
    model = onnx.load(str(path))
    for value in model.graph.output:
        # The exporter leaves lengths symbolic that are fixed by the layers.
        for dim, length in zip(value.type.tensor_type.shape.dim, spec["outputs"][value.name][1]):
            if isinstance(length, int):
                dim.dim_value = length
    onnx.checker.check_model(model)
    fresh = path.with_suffix(".onnx.new")
    onnx.save(model, str(fresh))
    os.replace(fresh, path)
    return path


def export_all(net, version, root=ROOT):
    """Write the shipped graph and the contract, then the catalogue last."""
    folder = root / "models" / "binaural"
    folder.mkdir(parents=True, exist_ok=True)
    write_velocity(net, folder)
    write_json(root / "contracts" / "binaural.json", contract(net))
    entry = {"id": "binaural-mini", "name": "Binaural mini", "task": "binaural", "version": version,
             "contract": "binaural", "licence": "MIT", "source": "trained here: native-models/train", "tier": "cpu",
             "languages": ["en"], "folder": "models/binaural"}
    write_catalogue(entry, [("velocity", "velocity.onnx")], root)

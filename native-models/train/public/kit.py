"""Small ONNX graphs by hand, and golden values that numpy alone works out."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[3] / "main" / "engines" / "testing" / "public-models"
TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "int64": TensorProto.INT64, "int32": TensorProto.INT32}
MOST_VALUES = 96


class Net:
    """A graph under construction: nodes in order, weights by name."""

    def __init__(self, name, dtype=np.float32):
        self.name, self.dtype = name, dtype
        self.nodes, self.weights, self.inputs, self.outputs = [], {}, [], []

    def input(self, name, kind, dims):
        """Declare an input; string dims are free."""
        self.inputs.append(helper.make_tensor_value_info(name, TYPES[kind], dims))
        return name

    def output(self, value, name, kind, dims):
        """Declare a value as an output under a name."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TYPES[kind], dims))

    def const(self, array, name=None):
        """A weight; floats get the type of the net."""
        array = np.asarray(array)
        array = array.astype(self.dtype) if array.dtype.kind == "f" else array
        name = name or f"c{len(self.weights)}"
        self.weights[name] = array
        return name

    def op(self, kind, *inputs, count=1, **attributes):
        """A node; answers with the name of its result, or a list of them."""
        names = [f"v{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if count == 1 else names

    def model(self, metadata=None):
        """The checked ONNX model."""
        tensors = [numpy_helper.from_array(value, name) for name, value in self.weights.items()]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="fantascope-tests")
        model.ir_version = 8
        if metadata:
            helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
        onnx.checker.check_model(model)
        return model

    def save(self, path, metadata=None, external=None):
        """Write the file; external: name of a file beside it that takes all but the smallest weights."""
        path.parent.mkdir(parents=True, exist_ok=True)
        model = self.model(metadata)
        if external:
            (path.parent / external).unlink(missing_ok=True)
            onnx.save_model(model, str(path), save_as_external_data=True, location=external, size_threshold=64)
        else:
            path.write_bytes(model.SerializeToString())


def noise(seed, *shape, scale=1.0, dtype=np.float32):
    """Seeded normal weights, already rounded to the type in which the file holds them."""
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(dtype)


def ramp(seed, dims, low, high, kind="float32"):
    """Numbers that any language makes alike: low + (high - low) ((7919 i + 104729 seed) mod 1009) / 1008."""
    i = np.arange(int(np.prod(dims)), dtype=np.int64)
    if kind.startswith("int"):
        return (low + (7919 * i + 104729 * seed) % (high - low + 1)).reshape(dims)
    values = low + (high - low) * ((7919 * i + 104729 * seed) % 1009) / 1008
    return values.astype(kind).astype(np.float64).reshape(dims)


def ramped(seed, dims, low, high, kind="float32"):
    """An input of a golden run, told by its ramp."""
    return {"type": kind, "dims": list(dims), "ramp": [seed, low, high]}


def given(values, kind):
    """An input of a golden run, told value by value."""
    return {"type": kind, "dims": list(np.shape(values)), "values": np.ravel(values).tolist()}


def carried(name):
    """An input that is the output of that name of the run before of the same graph."""
    return {"from": name}


def told(values):
    """An output of a golden run: every so-manieth value, and the sum of all."""
    flat = np.ravel(np.asarray(values, np.float64))
    every = max(1, -(-flat.size // MOST_VALUES))
    return {"dims": list(np.shape(values)), "every": every, "sum": float(f"{flat.sum():.9g}"),
            "values": [float(f"{value:.7g}") for value in flat[::every]]}


def write_json(path, value):
    """JSON of one line a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace('},{"role"', '},\n{"role"') + "\n")


def write_golden(folder, runs, **more):
    """golden.json beside the graphs."""
    write_json(ROOT / folder / "golden.json", {**more, "runs": runs})


def digest(folder):
    """SHA-256 over every file of a folder, to see that a second run writes the same."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def conv(x, w, stride=1, pad=0):
    """2-D convolution [B, C, H, W] with [O, C, k, k], in float64."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    k = w.shape[2]
    rows, columns = (x.shape[2] - k) // stride + 1, (x.shape[3] - k) // stride + 1
    out = np.zeros((x.shape[0], w.shape[0], rows, columns))
    for i in range(k):
        for j in range(k):
            part = x[:, :, i:i + stride * (rows - 1) + 1:stride, j:j + stride * (columns - 1) + 1:stride]
            out += np.einsum("oc,bchw->bohw", w[:, :, i, j].astype(np.float64), part)
    return out


def pixel_shuffle(x, factor):
    """[B, C f f, H, W] to [B, C, f H, f W], channel-major (depth to space, CRD)."""
    b, c, h, w = x.shape
    blocks = x.reshape(b, c // factor**2, factor, factor, h, w)
    return blocks.transpose(0, 1, 4, 2, 5, 3).reshape(b, c // factor**2, h * factor, w * factor)

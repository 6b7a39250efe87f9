#!/usr/bin/env python3
"""Dynamic int8 of an ONNX file's MatMuls: `quantise.py IN.onnx OUT.onnx`.

Weights become int8, one symmetric scale a column; activations are made uint8 as they come, one scale
a tensor (DynamicQuantizeLinear, MatMulInteger). Convolutions stay as they are. Whether that is faster
depends on the processor: measure before shipping (README.md, "int8").
"""

import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

LEAST = 64


def quantise(source, target):
    """Write `source` with int8 MatMuls to `target`; answers with how many there are."""
    model = onnx.load(str(source))
    graph = model.graph
    weights = {t.name: t for t in graph.initializer}
    turned = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Transpose" and node.input[0] in weights}
    nodes, count, quantised = [], 0, {}
    for node in graph.node:
        operand = node.input[1] if node.op_type == "MatMul" else None
        weight = weights.get(turned.get(operand, operand))
        values = None if weight is None else numpy_helper.to_array(weight)
        if values is not None and operand in turned:
            values = values.T
        if values is None or values.ndim != 2 or min(values.shape) < LEAST:
            nodes.append(node)
            continue
        count += 1
        name, given = f"{node.output[0]}_int8", node.input[0]
        scale = np.maximum(np.abs(values).max(0), 1e-8).astype(np.float32) / 127
        graph.initializer.extend([
            numpy_helper.from_array(np.clip(np.round(values / scale), -127, 127).astype(np.int8), f"{name}_weight"),
            numpy_helper.from_array(scale, f"{name}_scale"), numpy_helper.from_array(np.zeros(1, np.int8).reshape(()), f"{name}_zero")])
        if given not in quantised:
            quantised[given] = [f"{name}_x", f"{name}_xs", f"{name}_xz"]
            nodes.append(helper.make_node("DynamicQuantizeLinear", [given], quantised[given]))
        x, xs, xz = quantised[given]
        nodes += [helper.make_node("MatMulInteger", [x, f"{name}_weight", xz, f"{name}_zero"], [f"{name}_sum"]),
                  helper.make_node("Cast", [f"{name}_sum"], [f"{name}_float"], to=onnx.TensorProto.FLOAT),
                  helper.make_node("Mul", [xs, f"{name}_scale"], [f"{name}_scales"]),
                  helper.make_node("Mul", [f"{name}_float", f"{name}_scales"], [node.output[0]])]
    used = {name for node in nodes for name in node.input} | {output.name for output in graph.output}
    nodes = [node for node in nodes if any(name in used for name in node.output)]
    used = {name for node in nodes for name in node.input}
    kept = [t for t in graph.initializer if t.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
    return count


if __name__ == "__main__":
    print(f"{quantise(*sys.argv[1:3])} MatMuls are int8 in {sys.argv[2]}.")

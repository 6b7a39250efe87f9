"""Weights back out of the shipped graphs, so that training can go on without a checkpoint.

The exporter keeps the names of biases, norms, embeddings and convolutions. A linear
layer's weight becomes an unnamed, transposed operand of a MatMul; its layer is the one
whose bias the following Add takes. A group norm's scale and shift become unnamed
[C, 1, 1] operands of a Mul and an Add that carry the layer's path in their name.
"""

import numpy as np
import onnx
import torch
from onnx import numpy_helper


def state_of(path):
    """name -> tensor under the module's own names."""
    graph = onnx.load(str(path)).graph
    found = {t.name: torch.from_numpy(np.array(numpy_helper.to_array(t))) for t in graph.initializer}
    made_by = {out: node for node in graph.node for out in node.output}
    for node in graph.node:
        scopes, kind = node.name.strip("/").split("/")[:-1], node.op_type
        # A member of a Sequential is named with its owner, which comes before it as a scope of its own.
        layer = ".".join(s for s, inner in zip(scopes, scopes[1:] + [""]) if not inner.startswith(f"{s}."))
        for name in node.input if kind in ("Mul", "Add") else ():
            if name in found and found[name].shape[1:] == (1, 1):
                found[f"{layer}.{'weight' if kind == 'Mul' else 'bias'}"] = found[name].flatten()
        biases = [name for name in node.input if name.endswith(".bias") and name in found]
        if node.op_type != "Add" or not biases:
            continue
        for name in node.input:
            product = made_by.get(name)
            if product is not None and product.op_type == "MatMul" and product.input[1] in found:
                found[biases[0][:-4] + "weight"] = found[product.input[1]].T.contiguous()
    return found


def load(net, path, unshipped=()):
    """Put a graph's weights into its net; every parameter must be found with its shape, but for those
    of the `unshipped` parts, which only training has: they stay as they are."""
    found = state_of(path)
    own = {name: value for name, value in net.state_dict().items() if name.split(".")[0] not in unshipped}
    missing = [name for name in own if name not in found or found[name].shape != own[name].shape]
    if missing:
        raise ValueError(f"{path} must hold every weight of the net; {', '.join(missing[:5])} ({len(missing)} in all) "
                         "could not be found. Train anew or pass the checkpoint's --out.")
    net.load_state_dict({**net.state_dict(), **{name: found[name] for name in own}})
    return net

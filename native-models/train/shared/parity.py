"""A shipped graph in the programme's own runtime against the net it was made of."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

TOLERANCE = 1e-4
"""Largest difference of a value between torch and onnxruntime-node that is shipped."""


@torch.no_grad()
def measure(net, path, image, threads=2, runs=20):
    """{"maxDifference", "leastMs", "medianMs"} of the graph at `path` on image [B, 3, H, W], float32, against net(image).

    @raises RuntimeError when node or onnxruntime-node is missing or refuses the graph.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, values in (("x", image), ("y", net(image))):
            values.contiguous().numpy().astype(np.float32).tofile(f"{folder}/{name}")
        command = ["node", str(Path(__file__).with_name("parity.mjs")), str(path), f"{folder}/x", f"{folder}/y",
                   ",".join(str(n) for n in image.shape), str(threads), str(runs)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{path} must run in onnxruntime-node and did not: {done.stderr.strip()[-400:]} Run `npm ci` first.")
    return json.loads(done.stdout)


def check(net, path, images):
    """The largest difference over several inputs, each [B, 3, H, W].

    @raises ValueError when it is more than TOLERANCE.
    """
    worst = max(measure(net, path, image, runs=1)["maxDifference"] for image in images)
    if not worst <= TOLERANCE:
        raise ValueError(f"{path} must give what torch gives within {TOLERANCE}, got {worst:.2e}; it is not to be shipped.")
    return worst

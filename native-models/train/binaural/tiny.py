#!/usr/bin/env python3
"""A random-weight velocity graph with the contract's inputs and caches, and golden values, for the engine's tests.

Run `python3 binaural/tiny.py` in the training folder. Writes
main/engines/testing/models/binaural-tiny/ and main/engines/testing/binaural-golden.json.
"""

import base64
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch

from binaural import export, noise, sampling
from binaural.net import POSE, Size, Velocity
from shared import philox
from shared.export import ROOT, write_json

TESTING = ROOT.parent / "main" / "engines" / "testing"
SIZE = Size(wide=6, deep=8, embedding=8, hidden=8, waves=4)
FRAMES, EVERY, SEED = 48, 11, 2


def tiny():
    """The net with every weight random, so that no path is zero."""
    torch.manual_seed(7)
    net = Velocity(SIZE).eval()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            parameter.normal_(0, 0.15 if parameter.dim() == 1 else min(0.15, 1.2 / parameter[0].numel() ** 0.5))
    return net


def base64_of(values):
    """Little-endian float32 in base64."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def described(tensor):
    """Every 11th value in row-major order, the whole last frame, and sums."""
    values = tensor.numpy().astype(np.float64)
    return {"every": EVERY, "values": base64_of(values.ravel()[::EVERY]), "lastFrame": base64_of(values[0, :, -1]),
            "sum": float(values.sum()), "sumOfSquares": float((values**2).sum())}


def inputs():
    """start, noise [1, 4, 48, 257] and pose [1, 48, 4]."""
    start = 0.5 * philox.normal_tensor(SEED, 0, (1, 4, FRAMES, 257))
    angle = np.linspace(-0.5, 2.5, FRAMES)
    pose = np.stack([np.cos(angle), np.sin(angle), 0 * angle, 1 + 0.02 * np.arange(FRAMES)], -1).astype(np.float32)
    return torch.from_numpy(start), torch.from_numpy(noise.frame_noise(0, FRAMES)[None]), torch.from_numpy(pose[None])


def golden(net):
    """What the sampler gives with one and two evaluations, cut in several ways, and with caches wrongly shared."""
    start, epsilon, pose = inputs()
    cases = []
    for evaluations in sampling.TIMES:
        whole = sampling.stream(net, start, epsilon, pose, evaluations, chunk=FRAMES)
        cuts = [sampling.stream(net, start, epsilon, pose, evaluations, chunk=c) for c in (16, [16, 32], [5, 1, 42])]
        case = {"evaluations": evaluations, "times": sampling.TIMES[evaluations], "output": described(whole),
                "largestDifferenceOfCuts": max(float((c - whole).abs().max()) for c in cuts)}
        if evaluations > 1:
            wrong = sampling.stream(net, start, epsilon, pose, evaluations, chunk=16, shared=True)
            case["shared"] = {"output": described(wrong), "largestDifference": float((wrong - whole).abs().max())}
        cases.append(case)
    velocity, *caches = net(sampling.begin(start, epsilon), start, pose, torch.tensor([0.3]), *net.zeros())
    return {
        "frames": FRAMES, "pose": base64_of(pose.numpy()), "poseDims": [1, FRAMES, POSE], "noiseSeed": noise.SEED,
        "start": f"0.5 * philox normals, seed {SEED}, stream 0, shape [1, 4, {FRAMES}, 257]",
        "encoding": "little-endian float32, base64; values: every 11th of [1, 4, F, 257] in row-major order; lastFrame: [4, 257]",
        "one": {"time": 0.3, "velocity": described(velocity.detach()),
                "cacheSums": [float(c.double().sum()) for c in caches]},
        "solved": cases}


def main():
    """Write the graph, its contract and the golden values."""
    torch.set_num_threads(1)
    net = tiny()
    folder = TESTING / "models" / "binaural-tiny"
    folder.mkdir(parents=True, exist_ok=True)
    export.write_velocity(net, folder)
    write_json(folder / "binaural.json", export.contract(net))
    write_json(TESTING / "binaural-golden.json", golden(net))


if __name__ == "__main__":
    main()

"""Random-weight models of the generate contract and golden numbers, for the programme's tests.

`python3 -m scenes.tiny` (from this folder's parent) writes main/engines/testing/models/scenes-tiny
(a whole models folder: catalogue, contract, graphs) and main/engines/testing/scenes-golden.json.
"""

import hashlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import onnx
import torch
from torch import nn

from scenes import export, vocabulary
from scenes.nets.step import Step
from scenes.rollout import Stream, chunk_noise
from scenes.rope import causal_bias, table
from scenes.shape import SIGMAS, TINY
from shared.text import WIDTH
from shared.vocabulary import PAD

TESTING = export.ROOT.parent / "main" / "engines" / "testing"
FOLDER = TESTING / "models" / "scenes-tiny"
PROMPT, OTHER, SEED = "Snowy mountains at night, red balloon drifting", "neon city, zebra", 4294967297
PROBES = (0, 1, 31, 32, 517, 4095, 8191, 8192, 16383, 20000, 24575)


class Words(nn.Module):
    """The smallest text encoder of the contract: one row a word, zeros where the id is 0."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(2 + len(vocabulary.WORDS), WIDTH)

    def forward(self, input_ids):
        return self.words(input_ids) * (input_ids != PAD).float()[:, :, None]


def nets():
    """(step, text encoder) with random weights large enough that everything matters."""
    torch.manual_seed(5)
    step, text = Step(TINY).eval(), Words().eval()
    with torch.no_grad():
        for name, weight in step.named_parameters():
            if weight.dim() == 1:
                weight.normal_(1.0 if "norm" in name and "weight" in name else 0.0, 0.2)
            else:
                weight.normal_(0, 0.8 * weight[0].numel() ** -0.5)
        step.measure(torch.randn(40, *TINY.latent) * torch.linspace(0.4, 1.6, TINY.latent[2]) + 0.2)
    return step, text


def probe(latents):
    """A few numbers of [3, 16, 16, 32] and what sums them up."""
    flat = latents.reshape(-1).double()
    return {"values": [round(float(flat[i]), 7) for i in PROBES], "mean": round(float(flat.mean()), 8),
            "deviation": round(float(flat.std(unbiased=False)), 8)}


@torch.no_grad()
def cached_against_masked(net, hidden, chunks, window, sink):
    """Velocity of the last chunk by cached passes and by one masked run; they must agree."""
    stream = Stream(net, hidden, SEED)
    clean, level = [chunk_noise(SEED, c, 0, TINY) for c in range(chunks)], SIGMAS[-1]
    limits = stream.shape = replace(TINY, window=window, sink=sink)
    for latents in clean[:-1]:
        _, k, v = stream.run(latents, 0.0)
        stream.keep(latents, k, v)
    by_cache = stream.run(clean[-1], level)[0]
    frames = chunks * TINY.chunk
    sigma = torch.zeros(1, frames)
    sigma[:, -TINY.chunk:] = level
    empty = torch.zeros(TINY.layers, TINY.heads, 0, TINY.depth)
    turn = table(range(frames), TINY)
    whole = net(torch.cat(clean, 1), sigma, hidden, empty, empty, turn, turn, causal_bias(range(frames), range(frames), limits))[0]
    difference = float((whole[:, -TINY.chunk:] - by_cache).abs().max())
    assert difference <= 1e-5, difference
    return {"chunks": chunks, "window": window, "sink": sink, "sigma": level, "velocity": probe(by_cache[0]),
            "torchDifference": difference}


def show(net, first, second, chunks, at, recache):
    """Clean latents of every chunk of a show whose prompt changes before chunk `at`."""
    stream, out = Stream(net, first, SEED), []
    for c in range(chunks):
        if c == at:
            stream.switch(second, recache)
        out.append(probe(stream.advance()))
    return out


def compact(path):
    """Give a graph short names inside: long ones are a third of so small a file."""
    model = onnx.load(str(path))
    graph, short = model.graph, {"": ""}
    for value in (*graph.input, *graph.output):
        short[value.name] = value.name
    for node in graph.node:
        node.name = ""
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                names[i] = short.setdefault(name, f"v{len(short)}")
    for tensor in graph.initializer:
        tensor.name = short[tensor.name]
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def write():
    """Every fixture."""
    net, text = nets()
    scenes = FOLDER / "models" / "scenes"
    scenes.mkdir(parents=True, exist_ok=True)
    (FOLDER / "models" / "animate").mkdir(exist_ok=True)
    (FOLDER / "contracts").mkdir(exist_ok=True)
    compact(export.write_step(net, scenes, TINY))
    export.write_text(text, scenes)
    vocabulary.VOCABULARY.write(scenes / "vocabulary.json")
    shutil.copy(TESTING / "models" / "models" / "animate" / "codec_decoder.onnx", FOLDER / "models" / "animate")
    export.write_contract(FOLDER / "contracts" / "generate.json", TINY)
    files = []
    for role, path in export.FILES:
        data = (FOLDER / "models" / path).read_bytes()
        files.append({"role": role, "path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    export.write_json(FOLDER / "catalogue.json", {"version": 1, "models": [
        {"id": "scenes-tiny", "task": "generate", "contract": "generate", "folder": "models", "files": files}]})
    ids = [vocabulary.tokenize(p) for p in (PROMPT, OTHER)]
    with torch.no_grad():
        first, second = (text(torch.tensor([i])) for i in ids)
        fallen = [cached_against_masked(net, first, *case) for case in ((4, 12, 3), (2, 12, 3), (5, 9, 0))]
    export.write_json(TESTING / "scenes-golden.json", {
        "seed": str(SEED), "noise": "Philox normals [1,F,16,16,32], stream = 16 * chunk + level, chunk counted from 0",
        "probes": list(PROBES), "prompts": [{"prompt": p, "ids": i, "hidden": [round(float(h[0, 0, c]), 7) for c in range(4)]}
                                            for p, i, h in ((PROMPT, ids[0], first), (OTHER, ids[1], second))],
        "sigmas": list(SIGMAS),
        "cachedIsMasked": {"meaning": "clean chunks are the noise of (chunk, level 0); velocity of the last one at sigma", "cases": fallen},
        "shows": [{"switchBefore": at, "recache": recache, "chunks": show(net, first, second, 8, at, recache)}
                  for at, recache in ((99, True), (6, True), (6, False))]})
    print([case["torchDifference"] for case in fallen])


if __name__ == "__main__":
    write()

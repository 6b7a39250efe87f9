"""Random-weight graphs with exactly the animate contract, for tests.

Run with a Python that has numpy and onnx: `python3 make-tiny-models.py`. Writes
models/ beside this file, and golden.json: what the graphs give for one picture,
computed here in numpy alone (no ONNX runtime, none of the program's code).
"""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parent / "models"
FOLDER = ROOT / "models" / "animate"
LATENT, TEXT, LENGTH, BLOCK = 16, 64, 12, 8
GROUPS = {
    "look": ["watercolour", "ink", "neon"],
    "palette": ["golden", "teal"],
    "weather": ["snow", "rain"],
    "modifiers": ["vivid", "dark"],
}
WORDS = {word: 2 + i for i, word in enumerate(w for group in GROUPS.values() for w in group)}
SYNONYMS = {"watercolor": "watercolour", "snowy": "snow", "moody": "dark"}
rng = np.random.default_rng(7)


def weight(*shape, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def tensor(name, kind, dims):
    return helper.make_tensor_value_info(name, getattr(TensorProto, kind), dims)


def save(role, nodes, inputs, outputs, weights):
    graph = helper.make_graph(nodes, role, inputs, outputs, [numpy_helper.from_array(w, n) for n, w in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="fantascope-tests")
    model.ir_version = 8
    onnx.checker.check_model(model)
    (FOLDER / f"{role}.onnx").write_bytes(model.SerializeToString())


# Encoder and decoder: an orthonormal 8x8 block transform cut to 16 of 192 components,
# so that the picture that comes back resembles the one that went in.
BASIS = np.linalg.qr(weight(3 * BLOCK * BLOCK, LATENT))[0].astype(np.float32)
# The means of the three colours first, or nothing would be recognised.
flat = np.zeros((3, BLOCK * BLOCK, 3), np.float32)
for c in range(3):
    flat[c, :, c] = 1 / BLOCK
BASIS[:, :3] = flat.reshape(-1, 3)
BASIS = np.linalg.qr(BASIS)[0].astype(np.float32)
MIX, WORDS_IN = weight(LATENT, 2 * LATENT, 3, 3, scale=0.04), weight(2 + len(WORDS), TEXT)
WORDS_OUT, SIGMA_OUT, STRENGTH_OUT = weight(TEXT, LATENT, scale=0.3), weight(LATENT, scale=0.1), weight(LATENT, scale=0.2)


def write_graphs():
    node = helper.make_node
    save("codec_encoder", [node("Conv", ["image", "w"], ["latent"], strides=[BLOCK, BLOCK])],
         [tensor("image", "FLOAT", ["B", 3, "H", "W"])], [tensor("latent", "FLOAT", ["B", LATENT, "h", "w"])],
         {"w": BASIS.T.reshape(LATENT, 3, BLOCK, BLOCK)})
    save("codec_decoder",
         [node("Conv", ["latent", "w"], ["blocks"]),
          node("DepthToSpace", ["blocks"], ["image"], blocksize=BLOCK, mode="CRD")],
         [tensor("latent", "FLOAT", ["B", LATENT, "h", "w"])], [tensor("image", "FLOAT", ["B", 3, "H", "W"])],
         {"w": BASIS.reshape(-1, LATENT, 1, 1)})
    save("text_encoder", [node("Gather", ["words", "input_ids"], ["hidden"], axis=0)],
         [tensor("input_ids", "INT64", ["B", LENGTH])], [tensor("hidden", "FLOAT", ["B", LENGTH, TEXT])],
         {"words": WORDS_IN})
    latent = ["B", LATENT, "h", "w"]
    save("unet",
         [node("Concat", ["sample", "condition"], ["both"], axis=1),
          node("Conv", ["both", "mix"], ["mixed"], pads=[1, 1, 1, 1]),
          node("ReduceMean", ["encoder_hidden_states"], ["heard"], axes=[1], keepdims=0),
          node("MatMul", ["heard", "words_out"], ["words"]),
          node("Unsqueeze", ["sigma", "last"], ["sigma1"]), node("Mul", ["sigma1", "sigma_out"], ["by_sigma"]),
          node("Unsqueeze", ["strength", "last"], ["strength1"]),
          node("Mul", ["strength1", "strength_out"], ["by_strength"]),
          node("Add", ["words", "by_sigma"], ["some"]), node("Add", ["some", "by_strength"], ["bias"]),
          node("Unsqueeze", ["bias", "plane"], ["bias4"]), node("Add", ["mixed", "bias4"], ["guess"]),
          node("Sub", ["sample", "condition"], ["straight"]), node("Add", ["straight", "guess"], ["velocity"])],
         [tensor("sample", "FLOAT", latent), tensor("sigma", "FLOAT", ["B"]), tensor("condition", "FLOAT", latent),
          tensor("strength", "FLOAT", ["B"]), tensor("encoder_hidden_states", "FLOAT", ["B", LENGTH, TEXT])],
         [tensor("velocity", "FLOAT", latent)],
         {"mix": MIX, "words_out": WORDS_OUT, "sigma_out": SIGMA_OUT, "strength_out": STRENGTH_OUT,
          "last": np.array([1], np.int64), "plane": np.array([2, 3], np.int64)})


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def write_papers():
    write_json(FOLDER / "vocabulary.json", {"length": LENGTH, "pad": 0, "unknown": 1, "words": WORDS,
                                            "synonyms": SYNONYMS, "groups": GROUPS})
    latent = ["B", LATENT, "h", "w"]
    spec = lambda name, dims, kind="float32": {"name": name, "type": kind, "dims": dims}
    hidden = ["B", LENGTH, TEXT]
    graphs = {
        "codec_encoder": ([spec("image", ["B", 3, "H", "W"])], [spec("latent", ["B", LATENT, "H/8", "W/8"])]),
        "codec_decoder": ([spec("latent", latent)], [spec("image", ["B", 3, "8h", "8w"])]),
        "text_encoder": ([spec("input_ids", ["B", LENGTH], "int64")], [spec("hidden", hidden)]),
        "unet": ([spec("sample", latent), spec("sigma", ["B"]), spec("condition", latent), spec("strength", ["B"]),
                  spec("encoder_hidden_states", hidden)], [spec("velocity", latent)]),
    }
    write_json(ROOT / "contracts" / "animate.json", {
        "contract": "animate", "version": 1, "opset": 17, "spatialMultiple": 16, "latentChannels": LATENT, "sigmas": [1.0, 0.9, 0.8, 0.7],
        "codecFactor": BLOCK,
        "files": [{"role": r, "file": f"{r}.onnx", "inputs": i, "outputs": o} for r, (i, o) in graphs.items()]})
    files = []
    for role, name in [(r, f"{r}.onnx") for r in graphs] + [("vocabulary", "vocabulary.json")]:
        data = (FOLDER / name).read_bytes()
        files.append({"role": role, "path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    write_json(ROOT / "catalogue.json", {"version": 1, "models": [
        {"id": "animate-tiny", "task": "animate", "contract": "animate", "folder": "models/animate", "files": files}]})


def philox_normals(seed, count):
    """Philox 4x32-10 and Box-Muller in plain integers, one block at a time."""
    out = []
    for block in range((count + 3) // 4):
        c, k = [block, 0, 0, 0], [seed & 0xFFFFFFFF, seed >> 32]
        for _ in range(10):
            p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(q >> 32) ^ c[1] ^ k[0], q & 0xFFFFFFFF, (p >> 32) ^ c[3] ^ k[1], p & 0xFFFFFFFF]
            k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
        for a, b in ((c[0], c[1]), (c[2], c[3])):
            radius, angle = np.sqrt(-2 * np.log((a + 1) / 2**32)), 2 * np.pi * b / 2**32
            out += [radius * np.cos(angle), radius * np.sin(angle)]
    return np.array(out[:count]).astype(np.float32)


def golden(width, height, ids, strength, seed):
    """One picture through the whole engine, in numpy float64."""
    y, x = np.mgrid[0:height, 0:width]
    rgba = np.stack([(x * 5 + y * 3) % 256, (x * 7 + 40) % 256, (y * 11 + 90) % 256, np.full_like(x, 255)], -1)
    image = rgba[..., :3].transpose(2, 0, 1) / 127.5 - 1
    h, w = height // BLOCK, width // BLOCK
    blocks = image.reshape(3, h, BLOCK, w, BLOCK).transpose(1, 3, 0, 2, 4).reshape(h, w, -1)
    condition = (blocks @ BASIS.astype(np.float64)).transpose(2, 0, 1)
    sample = philox_normals(seed, LATENT * h * w).reshape(LATENT, h, w).astype(np.float64)
    both = np.pad(np.concatenate([sample, condition]), ((0, 0), (1, 1), (1, 1)))
    mixed = sum(np.einsum("oc,chw->ohw", MIX[:, :, i, j].astype(np.float64), both[:, i:i + h, j:j + w])
                for i in range(3) for j in range(3))
    bias = WORDS_IN[ids].astype(np.float64).mean(0) @ WORDS_OUT + SIGMA_OUT + strength * STRENGTH_OUT
    velocity = mixed + bias[:, None, None] + sample - condition
    estimate = sample - velocity
    decoded = (estimate.transpose(1, 2, 0) @ BASIS.T.astype(np.float64)).reshape(h, w, 3, BLOCK, BLOCK)
    planar = decoded.transpose(2, 0, 3, 1, 4).reshape(3, height, width)
    result = np.rint(np.clip(planar * 127.5 + 127.5, 0, 255)).astype(np.uint8).transpose(1, 2, 0)
    return base64.b64encode(result.tobytes()).decode()


FOLDER.mkdir(parents=True, exist_ok=True)
write_graphs()
write_papers()
cases = []
for prompt, ids, strength, seed in (
        ("Snowy watercolor, golden!", [7, 2, 5], 0.75, 2),
        ("neon zebra dark", [4, 1, 10], 0.25, 4294967295)):
    padded = ids + [0] * (LENGTH - len(ids))
    cases.append({"prompt": prompt, "ids": padded, "strength": strength, "seed": seed, "width": 48, "height": 32,
                  "rgbBase64": golden(48, 32, padded, strength, seed)})
write_json(ROOT.parent / "golden.json", cases)

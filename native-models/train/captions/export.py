"""The shipped file of the captions model, its tokens, contract and place in the catalogue."""

import os
import shutil
from pathlib import Path

import onnx
import torch

from captions.language import FILE
from captions.nets import LEFT, OneShot, Streaming
from shared.export import OPSET, ROOT, contract_files, weights, write_catalogue, write_json

LOOK_AHEAD = 1
BLANK = "<blk>"
INPUTS = ("audio_signal", "length", "cache_last_channel", "cache_last_time", "cache_last_channel_len")
OUTPUTS = ("logprobs", "encoded_lengths", "cache_last_channel_next", "cache_last_time_next", "cache_last_channel_next_len")


def metadata(shape, look_ahead, comment, delays=None):
    """metadata_props as the contract lists them; delays: measured (word start, word end) in milliseconds."""
    chunk = look_ahead + 1
    return {"window_size": 9 + 8 * chunk, "chunk_shift": 8 * chunk, "subsampling_factor": 8,
            "vocab_size": shape.vocabulary, "normalize_type": "",
            "cache_last_channel_dim1": shape.layers, "cache_last_channel_dim2": LEFT, "cache_last_channel_dim3": shape.width,
            "cache_last_time_dim1": shape.layers, "cache_last_time_dim2": shape.width, "cache_last_time_dim3": shape.kernel - 1,
            "feat_dim": 80, "model_type": "EncDecHybridRNNTCTCBPEModel", "version": 1, "model_author": "Fantascope",
            "url": "native-models/train", "comment": comment, "heads": shape.heads, "hidden": shape.hidden,
            "channels": " ".join(map(str, shape.channels)),
            **(dict(zip(("word_start_delay_ms", "word_end_delay_ms"), delays)) if delays else {})}


def _save(module, inputs, names, outputs, axes, path, props):
    """Export without folding, so that every weight keeps its own name and orientation."""
    fresh = Path(f"{path}.new")
    torch.onnx.export(module.eval(), inputs, str(fresh), opset_version=OPSET, input_names=list(names),
                      output_names=list(outputs), dynamic_axes=axes, do_constant_folding=False)
    model = onnx.load(str(fresh))
    onnx.checker.check_model(model)
    model.doc_string, model.producer_version = "Fantascope captions, trained by native-models/train", ""
    if props:
        onnx.helper.set_model_props(model, {key: str(value) for key, value in props.items()})
    onnx.save(model, str(fresh))
    os.replace(fresh, path)


def write_streaming(net, look_ahead, path, comment="", delays=None):
    """The contract's graph of one look-ahead."""
    graph = Streaming(net, look_ahead)
    window = 9 + 8 * (look_ahead + 1)
    inputs = (torch.randn(2, 80, window), torch.full((2,), window), *graph.start(2))
    axes = {name: {0: "B"} for name in INPUTS + OUTPUTS}
    _save(graph, inputs, INPUTS, OUTPUTS, axes, path, metadata(net.shape, look_ahead, comment, delays))


def write_one_shot(net, look_ahead, path):
    """The same weights over whole signals: input `audio_signal` [1, 80, T], output `logprobs`."""
    _save(OneShot(net, look_ahead), (torch.randn(1, 80, 8 + 8 * 14 + 1),), INPUTS[:1], OUTPUTS[:1],
          {"audio_signal": {2: "T"}, "logprobs": {1: "frames"}}, path, None)


def write_tokens(pieces, path):
    """tokens.txt: `piece id` a line, the blank last."""
    lines = [f"{piece} {i}" for i, piece in enumerate(list(pieces) + [BLANK])]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_tokens(path):
    """The pieces of a tokens.txt, without the blank."""
    return [line.rsplit(" ", 1)[0] for line in Path(path).read_text(encoding="utf-8").splitlines()][:-1]


def restore(net, path):
    """Put a shipped file's weights into a network of the same shape; returns the names it lacks."""
    found = {name[len("net."):]: value for name, value in weights(path).items() if name.startswith("net.")}
    missing = [name for name in net.state_dict() if name not in found]
    net.load_state_dict(found, strict=False)
    return missing


GRAPH = {
    "inputs": {"audio_signal": ("float32", ["B", 80, "T"]), "length": ("int64", ["B"]),
               "cache_last_channel": ("float32", ["B", "L", LEFT, "D"]), "cache_last_time": ("float32", ["B", "L", "D", "Ct"]),
               "cache_last_channel_len": ("int64", ["B"])},
    "outputs": {"logprobs": ("float32", ["B", "R+1", "V+1"]), "encoded_lengths": ("int64", ["B"]),
                "cache_last_channel_next": ("float32", ["B", "L", LEFT, "D"]),
                "cache_last_time_next": ("float32", ["B", "L", "D", "Ct"]), "cache_last_channel_next_len": ("int64", ["B"])},
}


def metadata_rules():
    """What the numbers among metadata_props are in the symbols of the contract."""
    gives = {"vocab_size": ["V"], "window_size": ["T", "8R+17"], "chunk_shift": ["8R+8"],
             "cache_last_channel_dim1": ["L"], "cache_last_channel_dim3": ["D"], "cache_last_time_dim1": ["L"],
             "cache_last_time_dim2": ["D"], "cache_last_time_dim3": ["Ct"]}
    fixed = {"subsampling_factor": ["8"], "feat_dim": ["80"], "cache_last_channel_dim2": [str(LEFT)]}
    counts = [{"key": key, "type": "count", "gives": dim} for key, dims in gives.items() for dim in dims]
    return (counts + [{"key": key, "type": "count", "oneOf": values} for key, values in fixed.items()]
            + [{"key": "normalize_type", "type": "text", "oneOf": ["", "NA"]}]
            + [{"key": key, "type": "text"} for key in ("model_type", "version", "model_author", "url", "comment")]
            + [{"key": key, "type": "integer", "optional": True} for key in ("word_start_delay_ms", "word_end_delay_ms")])


def write_contract(path):
    """captions.json."""
    ranges = {"audio_signal": (-17, 5), "cache_last_channel": (0, 0), "cache_last_time": (0, 0),
              "cache_last_channel_len": (0, 0), "cache_last_channel_next_len": (0, LEFT)}
    files = contract_files({"model": GRAPH}, ranges, {"model": metadata_rules()})
    named = {tensor["name"]: tensor for part in ("inputs", "outputs") for tensor in files[0][part]}
    named["length"]["value"], named["encoded_lengths"]["value"] = "T", "R+1"
    named["logprobs"]["logProbabilities"] = True
    write_json(path, {
        "contract": "captions", "version": 1, "opset": OPSET, "boundByPosition": True, "subsamplingFactor": 8,
        "frameMs": 80, "leadFrames": 8, "droppedFrames": 2, "leadingContextFrames": 9,
        "metadata": ["window_size", "chunk_shift", "subsampling_factor", "vocab_size", "normalize_type",
                     "cache_last_channel_dim1", "cache_last_channel_dim2", "cache_last_channel_dim3",
                     "cache_last_time_dim1", "cache_last_time_dim2", "cache_last_time_dim3",
                     "feat_dim", "model_type", "version", "model_author", "url", "comment"],
        "features": {"sampleRate": 16000, "preemphasis": 0.97, "hop": 160, "window": 400, "fft": 512, "bands": 80,
                     "lowHz": 0, "highHz": 8000, "scale": "slaney", "logFloor": 2.0**-24, "golden": "captions-features.json"},
        "proof": {"sizes": {"B": 1}, "free": ["B"]},
        "files": files + [{"role": "tokens", "file": "tokens.txt", "lines": "V+1"}, {"role": "language", "file": FILE, "optional": True}]})


def export_all(net, pieces, version, comment, language, delays=None, root=ROOT):
    """Write model.onnx, tokens.txt, the language file and captions.json, then the catalogue last."""
    folder = root / "models" / "captions"
    folder.mkdir(parents=True, exist_ok=True)
    write_streaming(net, LOOK_AHEAD, folder / "model.onnx", comment, delays)
    write_tokens(pieces, folder / "tokens.txt")
    shutil.copyfile(language, folder / FILE)
    write_contract(root / "contracts" / "captions.json")
    entry = {"id": "captions-mini", "name": "Captions mini", "task": "captions", "version": version,
             "contract": "captions", "licence": "MIT", "source": "trained here: native-models/train", "tier": "cpu",
             "languages": ["en"], "folder": "models/captions"}
    write_catalogue(entry, [("model", "model.onnx"), ("tokens", "tokens.txt"), ("language", FILE)], root)

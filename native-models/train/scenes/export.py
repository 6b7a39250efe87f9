"""The shipped files of the scenes model, its contract and its place in the catalogue."""

from scenes import vocabulary
from scenes.shape import FPS, SCENES, SIGMAS
from shared.export import OPSET, ROOT, contract_files, write_catalogue, write_graph, write_json
from shared.text import WIDTH as TEXT

MAKER = "Fantascope scenes, trained by native-models/train"


def graphs(shape=SCENES):
    """Inputs and outputs of the three graphs. K stands for N + 64F, the keys of a run."""
    channels, rows, columns = shape.latent
    layers, heads, depth, half = shape.layers, shape.heads, shape.depth, shape.depth // 2
    latent, cache, fresh = [1, "F", channels, rows, columns], [layers, heads, "N", depth], [layers, heads, f"{shape.tokens}F", depth]
    here = f"{shape.tokens}F"
    return {
        "codec_decoder": {
            "inputs": {"latent": ("float32", ["B", channels, "h", "w"])},
            "outputs": {"image": ("float32", ["B", 3, "8h", "8w"])}},
        "text_encoder": {
            "inputs": {"input_ids": ("int64", ["B", vocabulary.LENGTH])},
            "outputs": {"hidden": ("float32", ["B", vocabulary.LENGTH, TEXT])}},
        "step": {
            "inputs": {"sample": ("float32", latent), "sigma": ("float32", [1, "F"]),
                       "encoder_hidden_states": ("float32", [1, vocabulary.LENGTH, TEXT]),
                       "k_cache": ("float32", cache), "v_cache": ("float32", cache),
                       "rope_q": ("float32", [here, half, 2]), "rope_k": ("float32", ["K", half, 2]),
                       "attn_bias": ("float32", [here, "K"])},
            "outputs": {"velocity": ("float32", latent), "k_new": ("float32", fresh), "v_new": ("float32", fresh)}}}


def sizes(shape=SCENES, frames=3, cached=3):
    """What the symbols stand for while exporting."""
    here, past = frames * shape.tokens, cached * shape.tokens
    return {"B": 1, "h": shape.latent[1], "w": shape.latent[2], "F": frames, "N": past, "K": past + here, f"{shape.tokens}F": here}


def write_contract(path, shape=SCENES, sigmas=SIGMAS):
    """generate.json: every number the engine needs."""
    write_json(path, {
        "contract": "generate", "version": 1, "opset": OPSET, "spatialMultiple": 128,
        "latentChannels": shape.latent[0], "codecFactor": 8,
        "width": 8 * shape.latent[2], "height": 8 * shape.latent[1], "fps": FPS,
        "latent": {"channels": shape.latent[0], "rows": shape.latent[1], "columns": shape.latent[2]},
        "patch": {"rows": shape.patch[0], "columns": shape.patch[1]},
        "tokens": shape.tokens, "layers": shape.layers, "heads": shape.heads, "depth": shape.depth,
        "chunk": shape.chunk, "window": shape.window, "sink": shape.sink, "maxFrames": 16,
        "textLength": vocabulary.LENGTH, "textWidth": TEXT, "sigmas": list(sigmas),
        "rope": {"axes": [{"axis": name, "pairs": pairs, "base": base} for name, pairs, base in shape.axes]},
        "hidden": -10000,
        "symbols": {"F": "frames of the run", "N": "cached tokens", "K": f"N + {shape.tokens}F, the keys of the run"},
        "proof": {"sizes": {name: size for name, size in sizes(shape, 1, 1).items() if name.isalpha()}, "free": ["F", "N", "K"]},
        "files": contract_files(graphs(shape), {"image": (-1, 1), "input_ids": (0, 1), "sigma": (0, 1), "attn_bias": (0, 0)})})


def write_step(net, folder, shape=SCENES):
    """step.onnx."""
    return write_graph(net, "step", graphs(shape)["step"], sizes(shape), folder, MAKER)


def write_text(text, folder):
    """text_encoder.onnx."""
    return write_graph(text, "text_encoder", graphs()["text_encoder"], sizes(), folder, MAKER)


FILES = (("step", "scenes/step.onnx"), ("text_encoder", "scenes/text_encoder.onnx"),
         ("vocabulary", "scenes/vocabulary.json"), ("codec_decoder", "animate/codec_decoder.onnx"))


def export_all(step, text, version, root=ROOT):
    """Write every shipped file of the scenes model, then the catalogue last."""
    folder = root / "models" / "scenes"
    folder.mkdir(parents=True, exist_ok=True)
    write_step(step, folder)
    write_text(text, folder)
    vocabulary.VOCABULARY.write(folder / "vocabulary.json")
    write_contract(root / "contracts" / "generate.json")
    entry = {"id": "scenes", "name": "Scenes", "task": "generate", "version": version, "contract": "generate",
             "licence": "MIT", "source": "trained here: native-models/train", "tier": "cpu", "languages": ["en"],
             "folder": "models"}
    write_catalogue(entry, list(FILES), root)

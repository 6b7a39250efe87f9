"""The shipped files of the animate model, its contract and its place in the catalogue."""

from animate import vocabulary
from animate.nets.codec import LATENT
from animate.sampling import levels
from shared import philox
from shared.export import OPSET, ROOT, contract_files, write_catalogue, write_graph, write_json
from shared.text import WIDTH as TEXT

GRAPHS = {
    "codec_encoder": {
        "inputs": {"image": ("float32", ["B", 3, "H", "W"])},
        "outputs": {"latent": ("float32", ["B", LATENT, "H/8", "W/8"])}},
    "codec_decoder": {
        "inputs": {"latent": ("float32", ["B", LATENT, "h", "w"])},
        "outputs": {"image": ("float32", ["B", 3, "8h", "8w"])}},
    "text_encoder": {
        "inputs": {"input_ids": ("int64", ["B", vocabulary.LENGTH])},
        "outputs": {"hidden": ("float32", ["B", vocabulary.LENGTH, TEXT])}},
    "unet": {
        "inputs": {"sample": ("float32", ["B", LATENT, "h", "w"]), "sigma": ("float32", ["B"]),
                   "condition": ("float32", ["B", LATENT, "h", "w"]), "strength": ("float32", ["B"]),
                   "encoder_hidden_states": ("float32", ["B", vocabulary.LENGTH, TEXT])},
        "outputs": {"velocity": ("float32", ["B", LATENT, "h", "w"])}},
}
RANGES = {"image": (-1, 1), "input_ids": (0, 1), "sigma": (0.1, 1), "strength": (0, 1)}
PROOF = {"sizes": {"B": 1, "H": 32, "W": 32, "h": 4, "w": 4}, "free": ["B", "H", "W", "h", "w"]}
SIZES = {"B": 2, "H": 64, "W": 96, "h": 8, "w": 12}


def write_contract(path):
    """animate.json."""
    write_json(path, {"contract": "animate", "version": 1, "opset": OPSET, "spatialMultiple": 32,
                      "latentChannels": LATENT, "codecFactor": 8, "sigmas": levels(4),
                      "proof": PROOF, "files": contract_files(GRAPHS, RANGES)})


def export_all(codec, text, unet, version, root=ROOT):
    """Write every shipped file of the animate model, then the catalogue last."""
    folder = root / "models" / "animate"
    folder.mkdir(parents=True, exist_ok=True)
    for role, net in (("codec_encoder", codec.encoder), ("codec_decoder", codec.decoder),
                      ("text_encoder", text), ("unet", unet)):
        write_graph(net, role, GRAPHS[role], SIZES, folder, "Fantascope animate, trained by native-models/train")
    vocabulary.write(folder / "vocabulary.json")
    (root / "contracts").mkdir(exist_ok=True)
    write_contract(root / "contracts" / "animate.json")
    write_json(root / "contracts" / "noise-vectors.json", philox.vectors())
    entry = {"id": "animate-mini", "name": "Animate mini", "task": "animate", "version": version,
             "contract": "animate", "licence": "MIT", "source": "trained here: native-models/train", "tier": "cpu",
             "languages": ["en"], "folder": "models/animate"}
    write_catalogue(entry, [(role, f"{role}.onnx") for role in GRAPHS] + [("vocabulary", "vocabulary.json")], root)

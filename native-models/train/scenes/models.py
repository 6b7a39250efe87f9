"""Trained networks back from their checkpoints or from the shipped files."""

from scenes.nets.probe import Probe
from scenes.nets.scenes import Scenes
from shared import checkpoint, restore
from shared.export import ROOT


def _averaged(folder, name, net):
    if not checkpoint.exists(folder, name):
        raise FileNotFoundError(f"There is no checkpoint '{name}' in {folder}. Run that stage first, pass --out, or --from-shipped.")
    net.load_state_dict(checkpoint.load(folder, name)["average"])
    return net.eval().requires_grad_(False)


def shipped(root=ROOT):
    """A Scenes net with the weights of models/scenes."""
    net, folder = Scenes(), root / "models" / "scenes"
    restore.load(net.text, folder / "text_encoder.onnx")
    restore.load(net.step, folder / "step.onnx")
    return net


def trained(folder, from_shipped=False):
    """The scenes model: averaged weights of the checkpoint, or those in models/scenes."""
    return shipped().eval().requires_grad_(False) if from_shipped else _averaged(folder, "scenes", Scenes())


def probe(folder):
    """The probe."""
    return _averaged(folder, "probe", Probe())

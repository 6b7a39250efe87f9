"""The trained net, back from its checkpoint or from the shipped file."""

from upscale.net import Upscale
from shared import checkpoint, restore
from shared.export import ROOT


def trained(folder, from_shipped=False):
    """The averaged weights of checkpoint `upscale` in `folder`, or those of models/upscale."""
    if from_shipped:
        return shipped().eval()
    if not checkpoint.exists(folder, "upscale"):
        raise FileNotFoundError(f"There is no checkpoint 'upscale' in {folder}. Run `run.py upscale learn` first or pass --out.")
    net = Upscale()
    net.load_state_dict(checkpoint.load(folder, "upscale")["average"])
    return net.eval().requires_grad_(False)


def shipped(root=ROOT):
    """The net with the weights of models/upscale/model.onnx, ready to be trained on."""
    return restore.load(Upscale(), root / "models" / "upscale" / "model.onnx")

"""The trained net, back from its checkpoint or from the shipped file."""

from matting.net import Matting
from shared import checkpoint, restore
from shared.export import ROOT


def trained(folder, from_shipped=False):
    """The averaged weights of checkpoint `matting` in `folder`, or those of models/matting."""
    if from_shipped:
        return shipped().eval()
    if not checkpoint.exists(folder, "matting"):
        raise FileNotFoundError(f"There is no checkpoint 'matting' in {folder}. Run `run.py matting learn` first or pass --out.")
    state = checkpoint.load(folder, "matting")["average"]
    net = Matting(norm=any(name.endswith("running_mean") for name in state))
    net.load_state_dict(state)
    return net.eval().folded().eval().requires_grad_(False)


def shipped(root=ROOT):
    """The net with the weights of models/matting/model.onnx, ready to be trained on; the coarse head starts afresh."""
    return restore.load(Matting(), root / "models" / "matting" / "model.onnx", unshipped=("coarse",))

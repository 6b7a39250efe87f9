"""Fast checks of the upscale model's own code, run by selftest.py."""

import torch
from torch.nn import functional as F

from shared.export import ROOT
from upscale import models
from upscale.net import REACH, Upscale


def fresh_net_is_bicubic():
    """An untrained net gives torch's bicubic enlargement, at the edges too, for odd and tiny sizes."""
    net = Upscale().eval()
    with torch.no_grad():
        for h, w in ((1, 1), (7, 10), (24, 33)):
            image = torch.rand(2, 3, h, w)
            assert (net(image) - F.interpolate(image, scale_factor=2, mode="bicubic")).abs().max() < 1e-5


def reach_is_as_told():
    """A result sees no further than REACH pixels, so tiles with that margin are the whole picture's."""
    net = Upscale().eval()
    torch.nn.init.normal_(net.leave.weight, 0, 0.1)
    side = 2 * REACH + 16
    image, changed = torch.rand(1, 3, side, side), None
    with torch.no_grad():
        changed = image.clone()
        changed[..., side // 2] = 1 - changed[..., side // 2]
        moved = (net(image) - net(changed)).abs().amax((0, 1, 2)).nonzero().flatten() // 2 - side // 2
    assert -REACH <= int(moved.min()) and int(moved.max()) <= REACH


def shipped_upscale_can_be_trained_on():
    """The shipped file's weights load into the net, every one by its name."""
    if (ROOT / "models" / "upscale" / "model.onnx").exists():
        assert models.shipped().leave.weight.abs().max() > 0


CHECKS = (fresh_net_is_bicubic, reach_is_as_told, shipped_upscale_can_be_trained_on)

"""Fast checks of the matting model's own code, run by selftest.py."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from animate.data.fields import over
from matting import export, models, pool
from matting.camera import compose, filmed, moved
from matting.evaluate import errors_of
from matting.net import Matting
from shared.export import ROOT


def coverage_is_exact():
    """A layer over any ground is what painting on that ground gives; premultiplied colour never exceeds coverage."""
    rng = np.random.default_rng(1)
    ground, layer = rng.random((256, 256, 3), dtype=np.float32), np.zeros((256, 256, 4), np.float32)
    painted = ground.copy()
    for _ in range(4):
        mask, colour = rng.random((256, 256), dtype=np.float32), rng.random(3)
        over(painted, mask, colour)
        over(layer, mask, colour)
    picture, matte = compose([layer], ground)
    assert np.abs(picture - painted).max() < 1e-5 and (layer[..., :3] <= layer[..., 3:] + 1e-6).all()
    assert np.abs(matte - layer[..., 3]).max() == 0


def people_are_deterministic():
    """The same number gives the same person, another number or seed another one; coverage runs from 0 to 255."""
    first, again, other, held = pool.person(3, 1), pool.person(3, 1), pool.person(4, 1), pool.person(3, 2)
    assert (first == again).all() and (first != other).any() and (first != held).any() and first.shape == (256, 256, 4)
    assert first[..., 3].max() == 255 and first[..., 3].min() == 0
    still = moved(first.astype(np.float32), np.random.default_rng(1), 1.0, (0, 0), 0.0)
    assert np.abs(still - first).max() < 0.5, "a layer that is not moved must stay as it is"


def camera_keeps_mattes():
    """Mattes stay within 0..1, and whole or empty ones stay so."""
    rng = np.random.default_rng(2)
    for value in (0.0, 1.0):
        for _ in range(6):
            picture, matte = filmed(rng, rng.random((64, 64, 3), dtype=np.float32), np.full((64, 64), value, np.float32))
            assert picture.dtype == np.uint8 and np.abs(matte - value).max() < 1e-5
    truth = rng.random((2, 8, 8)).astype(np.float32)
    assert errors_of(truth, truth) == {"mad": 0.0, "mse": 0.0, "gradient": 0.0, "iou": 1.0, "n": 2}


def matting_follows_the_contract():
    """Size, range and parameters; the shipped file loads into the net."""
    net = Matting().eval()
    with torch.no_grad():
        for h, w in ((32, 64), (96, 32)):
            made = net(torch.rand(2, 3, h, w) * 2 - 1)
            assert made.shape == (2, 1, h, w) and made.min() >= 0 and made.max() <= 1
    normed = Matting(norm=True).train()
    with torch.no_grad():
        for _ in range(3):
            normed(torch.rand(4, 3, 64, 64) * 2 - 1)
        image = torch.rand(1, 3, 64, 64) * 2 - 1
        assert (normed.eval()(image) - normed.folded().eval()(image)).abs().max() < 1e-5
    logits, coarse = net.train()(torch.rand(1, 3, 64, 64))
    assert logits.shape == (1, 1, 64, 64) and coarse.shape == (1, 1, 4, 4)
    assert sum(p.numel() for p in net.parameters()) < 600_000
    with tempfile.TemporaryDirectory() as folder:
        export.write_graph(net, "model", export.GRAPH, export.SIZES, Path(folder), "check")
    if (ROOT / "models" / "matting" / "model.onnx").exists():
        assert models.shipped().matte.weight.abs().max() > 0


CHECKS = (coverage_is_exact, people_are_deterministic, camera_keeps_mattes, matting_follows_the_contract)

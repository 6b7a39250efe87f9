#!/usr/bin/env python3
"""Random-weight graphs with exactly the captions contract, for the programme's tests.

Run: python3 captions/tiny.py. Writes into main/engines/testing/models, per look-ahead
R = 0, 1, 6, `captions-tiny-rR.onnx` (streaming) and `captions-tiny-rR-whole.onnx`
(the same weights over a whole signal with the chunk mask: what the streamed
scores must equal), and `captions-tiny-tokens.txt`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from captions.export import write_one_shot, write_streaming, write_tokens
from captions.nets import Captions, Shape
from shared.export import ROOT

FOLDER = ROOT.parent / "main" / "engines" / "testing" / "models"
PIECES = ["\u2581", "\u2581the", "\u2581a", "\u2581to", "'"] + [chr(97 + i) for i in range(26)]
SHAPE = Shape(vocabulary=len(PIECES), width=16, layers=2, heads=2, hidden=32, channels=(4, 4, 6))


def random_net():
    """Weights of seed 3, large enough that no layer is a mere identity."""
    torch.manual_seed(3)
    net = Captions(SHAPE)
    with torch.no_grad():
        for name, value in net.named_parameters():
            if "table" in name or "bias" in name:
                value.normal_(0, 0.3)
            elif value.dim() > 1:
                value.mul_(1.8)
        net.head.weight.mul_(4)
    return net.eval()


def main():
    """Write every file."""
    net = random_net()
    for look_ahead in (0, 1, 6):
        write_streaming(net, look_ahead, FOLDER / f"captions-tiny-r{look_ahead}.onnx", "random weights, for tests only")
        write_one_shot(net, look_ahead, FOLDER / f"captions-tiny-r{look_ahead}-whole.onnx")
    write_tokens(PIECES, FOLDER / "captions-tiny-tokens.txt")


if __name__ == "__main__":
    main()

"""The judge: a small classifier that names the look of a picture."""

from torch import nn

from animate.looks.teacher import FILTERS
from shared.layers import GroupNorm

CLASSES = list(FILTERS) + ["none"]


class Judge(nn.Module):
    """image [B, 3, H, W] in -1..1 -> logits [B, 17].

    Mean pooling, so that it may learn on windows and judge whole pictures.
    """

    def __init__(self, width=32):
        super().__init__()
        layers, inside = [], 3
        for outside in (width, 2 * width, 3 * width, 4 * width):
            layers += [nn.Conv2d(inside, outside, 4, 2, 1), GroupNorm(8, outside), nn.ReLU()]
            inside = outside
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(inside, len(CLASSES))

    def forward(self, image):
        return self.head(self.body(image).float().mean((2, 3)))

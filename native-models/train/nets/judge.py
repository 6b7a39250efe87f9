"""The judge: a small classifier that names the look of a picture."""

import torch
from torch import nn

from looks.teacher import FILTERS

CLASSES = list(FILTERS) + ["none"]


class Judge(nn.Module):
    """image [B, 3, H, W] in -1..1 -> logits [B, 17]."""

    def __init__(self, width=24):
        super().__init__()
        layers, inside = [], 3
        for k, (outside, stride) in enumerate([(1, 2), (2, 2), (3, 2), (4, 2), (5, 2)]):
            outside *= width
            layers += [nn.Conv2d(inside, outside, 5 if k == 0 else 3, stride, 1), nn.ReLU()]
            inside = outside
        self.body = nn.Sequential(*layers, nn.Conv2d(inside, inside, 3, padding=1), nn.ReLU())
        self.head = nn.Linear(2 * inside, len(CLASSES))

    def forward(self, image):
        h = self.body(image)
        return self.head(torch.cat([h.mean((2, 3)), h.amax((2, 3))], 1))

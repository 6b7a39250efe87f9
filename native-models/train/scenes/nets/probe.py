"""The probe: names the attributes of three frames, used only to measure."""

import torch
from torch import nn

from scenes.world.scene import CHOICES

FRAMES = (0, 2, 5)  # frames of a clip that it looks at: what it is and how it moves


class Probe(nn.Module):
    """Pictures [B, 9, 64, 128] (three frames) in -1..1 -> one row of logits per attribute."""

    def __init__(self, width=24):
        super().__init__()
        layers, inside = [], 3 * len(FRAMES)
        for outside in (width, 2 * width, 3 * width, 4 * width):
            layers += [nn.Conv2d(inside, outside, 4, 2, 1), nn.GroupNorm(6, outside), nn.ReLU()]
            inside = outside
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleDict({key: nn.Linear(2 * inside + 8 * inside, len(values)) for key, values in CHOICES.items()})

    def forward(self, pictures):
        maps = self.body(pictures)
        rows = nn.functional.adaptive_avg_pool2d(maps, (4, 2)).flatten(1)
        seen = torch.cat([maps.mean((2, 3)), maps.amax((2, 3)), rows], 1)
        return {key: head(seen) for key, head in self.heads.items()}

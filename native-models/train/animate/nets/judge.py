"""The judge: a small classifier that names the words a picture was changed by, beside its source."""

import torch
from torch import nn

from animate.vocabulary import GROUPS
from shared.layers import GroupNorm

NONE = "none"
HEADS = {group: [*words, NONE] for group, words in GROUPS.items()}


def head_of(word):
    """The group that a word belongs to."""
    return next(group for group, words in GROUPS.items() if word in words)


class Judge(nn.Module):
    """made and source, both [B, 3, H, W] in -1..1 -> group -> logits [B, words of the group + none].

    It sees the source because many words only tell a change: what is `vivid` or `dark` is so
    against what it was. Mean pooling, so that it may learn on windows and judge whole pictures.
    """

    def __init__(self, width=32):
        super().__init__()
        layers, inside = [], 6
        for outside in (width, 2 * width, 3 * width, 4 * width):
            layers += [nn.Conv2d(inside, outside, 4, 2, 1), GroupNorm(8, outside), nn.ReLU()]
            inside = outside
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleDict({group: nn.Linear(inside, len(words)) for group, words in HEADS.items()})

    def forward(self, made, source):
        features = self.body(torch.cat([made, source], 1)).float().mean((2, 3))
        return {group: head(features) for group, head in self.heads.items()}

    def names(self, made, source, word):
        """Whether it names this word in each picture, bool [B]."""
        group = head_of(word)
        return self(made, source)[group].argmax(1) == HEADS[group].index(word)

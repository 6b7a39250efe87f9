"""The judge: a small classifier that names the words of a prompt in a picture."""

from torch import nn

from animate.vocabulary import GROUPS
from shared.layers import GroupNorm

NONE = "none"
HEADS = {group: [*words, NONE] for group, words in GROUPS.items()}


def head_of(word):
    """The group that a word belongs to."""
    return next(group for group, words in GROUPS.items() if word in words)


class Judge(nn.Module):
    """image [B, 3, H, W] in -1..1 -> group -> logits [B, words of the group + none].

    Mean pooling, so that it may learn on windows and judge whole pictures.
    """

    def __init__(self, width=32):
        super().__init__()
        layers, inside = [], 3
        for outside in (width, 2 * width, 3 * width, 4 * width):
            layers += [nn.Conv2d(inside, outside, 4, 2, 1), GroupNorm(8, outside), nn.ReLU()]
            inside = outside
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleDict({group: nn.Linear(inside, len(words)) for group, words in HEADS.items()})

    def forward(self, image):
        features = self.body(image).float().mean((2, 3))
        return {group: head(features) for group, head in self.heads.items()}

    def names(self, image, word):
        """Whether it names this word in each picture, bool [B]."""
        group = head_of(word)
        return self(image)[group].argmax(1) == HEADS[group].index(word)

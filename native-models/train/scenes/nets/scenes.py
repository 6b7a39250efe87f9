"""Text encoder and step net as one trainable module."""

from torch import nn

from scenes.shape import SCENES
from scenes.vocabulary import VOCABULARY
from shared.text import TextEncoder

from .step import Step


class Scenes(nn.Module):
    """The two are exported apart."""

    def __init__(self, shape=SCENES):
        super().__init__()
        self.text, self.step = TextEncoder(VOCABULARY), Step(shape)

    def forward(self, input_ids):
        return self.text(input_ids)

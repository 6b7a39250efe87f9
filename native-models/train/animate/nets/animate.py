"""Text encoder and U-Net as one trainable module."""

import torch
from torch import nn

from animate.vocabulary import VOCABULARY
from shared.text import TextEncoder
from .unet import UNet


class Animate(nn.Module):
    """Predicts velocities for a mix of two prompts; the graphs are exported apart."""

    def __init__(self, width=48):
        super().__init__()
        self.text, self.unet = TextEncoder(VOCABULARY), UNet(width)

    def prompt(self, first, second, mix):
        """Hidden states of prompts blended linearly: ids [B,12] twice, mix [B]."""
        a, b = self.text(torch.cat([first, second])).chunk(2)
        return a + mix[:, None, None] * (b - a)

    def forward(self, sample, sigma, condition, strength, hidden):
        return self.unet(sample, sigma, condition, strength, hidden)

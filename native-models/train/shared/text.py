"""Text encoder of a closed vocabulary: input_ids [B, N] -> hidden [B, N, 64]."""

import torch
from torch import nn
from torch.nn import functional as F

from .layers import Attention, LayerNorm
from .vocabulary import PAD

WIDTH = 64


class Block(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(WIDTH), LayerNorm(WIDTH)
        self.attention = Attention(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, bias):
        h = self.norm1(x)
        x = x + self.attention(h, h, bias)
        return x + self.narrow(F.silu(self.wide(self.norm2(x))))


class TextEncoder(nn.Module):
    """Two blocks, 64 wide. Padding positions come out as zeros, so an empty prompt
    is all zeros and prompts can be blended linearly."""

    def __init__(self, vocabulary):
        super().__init__()
        self.words = nn.Embedding(2 + len(vocabulary.words), WIDTH)
        self.places = nn.Parameter(torch.randn(vocabulary.length, WIDTH) * 0.02)
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.norm = LayerNorm(WIDTH)

    def forward(self, input_ids):
        present = (input_ids != PAD).float()
        bias = (present - 1)[:, None, None, :] * 1e4
        x = self.words(input_ids) + self.places
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x) * present[:, :, None]

"""Conditional velocity U-Net on codec latents.

Rectified flow (Liu et al., 2022): x = (1 - sigma) z + sigma e, velocity
v = e - z, so the clean estimate is x - sigma v. The network works on inputs and
outputs of unit variance (the preconditioning of Karras et al., 2022, for this
path); the picture to change enters as a second set of 16 channels.
"""

import torch
from torch import nn
from torch.nn import functional as F

from .codec import LATENT
from shared.layers import Conv3, GroupNorm, ResBlock, SpatialAttention, fourier
from shared.text import WIDTH as TEXT

EMBEDDING = 192


class UNet(nn.Module):
    """Three levels (1, 1/2, 1/4 of the latent size), cross-attention on the lower two.

    sample [B,16,h,w], sigma [B], condition [B,16,h,w], strength [B],
    encoder_hidden_states [B,12,64] -> velocity [B,16,h,w]; h and w multiples of 4.
    """

    def __init__(self, width=48):
        super().__init__()
        w1, w2, w3 = width, 2 * width, 4 * width
        self.time = nn.Sequential(nn.Linear(128, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING))
        self.text = nn.Sequential(nn.Linear(TEXT, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING))
        self.enter = nn.Conv2d(2 * LATENT, w1, 3, padding=1)
        block = lambda a, b, exact=False: ResBlock(a, b, EMBEDDING, exact)
        self.down1 = nn.ModuleList([block(w1, w1), block(w1, w1)])
        self.to2 = Conv3(w1, w2, stride=2, exact=True)
        self.down2 = nn.ModuleList([block(w2, w2)])
        self.look2 = SpatialAttention(w2, TEXT, itself=False)
        self.to3 = Conv3(w2, w3, stride=2, exact=True)
        self.middle1 = block(w3, w3, True)
        self.look3 = SpatialAttention(w3, TEXT, itself=True)
        self.middle2 = block(w3, w3, True)
        self.from3 = nn.Conv2d(w3, w2, 3, padding=1)
        self.up2 = nn.ModuleList([block(2 * w2, w2), block(w2, w2)])
        self.look4 = SpatialAttention(w2, TEXT, itself=False)
        self.from2 = nn.Conv2d(w2, w1, 3, padding=1)
        self.up1 = nn.ModuleList([block(2 * w1, w1), block(w1, w1)])
        self.leave = nn.Sequential(GroupNorm(8, w1), nn.SiLU(), nn.Conv2d(w1, LATENT, 3, padding=1))
        self.keep = nn.Linear(EMBEDDING, LATENT)
        for last in (self.leave[-1], self.keep):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, sample, sigma, condition, strength, encoder_hidden_states):
        spread = (sigma * sigma + (1 - sigma) * (1 - sigma))[:, None, None, None]
        scale = spread.rsqrt()
        straight = ((2 * sigma - 1)[:, None, None, None]) / spread
        scalars = torch.cat([fourier(sigma, 64), fourier(strength, 64)], 1)
        embedding = F.silu(self.time(scalars) + self.text(encoder_hidden_states.sum(1)))
        h = self.enter(torch.cat([sample * scale, condition], 1))
        for b in self.down1:
            h = b(h, embedding)
        fine = h
        h = self.to2(h)
        for b in self.down2:
            h = b(h, embedding)
        h = self.look2(h, encoder_hidden_states)
        middle = h
        h = self.middle1(self.to3(h), embedding)
        h = self.middle2(self.look3(h, encoder_hidden_states), embedding)
        h = self.from3(F.interpolate(h.float(), scale_factor=2.0, mode="nearest"))
        h = self.up2[0](torch.cat([h, middle], 1), embedding)
        h = self.look4(self.up2[1](h, embedding), encoder_hidden_states)
        h = self.from2(F.interpolate(h.float(), scale_factor=2.0, mode="nearest"))
        h = self.up1[1](self.up1[0](torch.cat([h, fine], 1), embedding), embedding)
        guess = self.leave(h).float() - self.keep(embedding).float()[:, :, None, None] * condition
        return straight * sample + scale * guess

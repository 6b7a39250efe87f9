"""Fully convolutional autoencoder: 8x smaller, 16 channels, ReLU.

Both halves are a linear 8x8 block transform (initialised from principal
components, which alone reaches the quality of a classic transform coder) plus a
small residual network that starts at zero. All work happens at 1/4 and 1/8 of
the picture's size; pixels appear by pixel shuffle (Shi et al., CVPR 2016).
"""

import torch
from torch import nn
from torch.nn import functional as F

LATENT = 16
BLOCK = 8


class Residual(nn.Module):
    """x + conv(relu(conv(relu(x)))), 3x3, width kept."""

    def __init__(self, width):
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, x):
        return x + self.second(F.relu(self.first(F.relu(x))))


class Encoder(nn.Module):
    """image [B, 3, H, W] in -1..1 -> latent [B, 16, H/8, W/8], unit variance."""

    def __init__(self, fine=32, coarse=64):
        super().__init__()
        self.linear = nn.Conv2d(3, LATENT, BLOCK, stride=BLOCK)
        self.body = nn.Sequential(
            nn.Conv2d(3, fine, 8, stride=4, padding=2), Residual(fine),
            nn.Conv2d(fine, coarse, 4, stride=2, padding=1), Residual(coarse), Residual(coarse),
            nn.ReLU(), nn.Conv2d(coarse, LATENT, 3, padding=1))

    def forward(self, image):
        return self.linear(image) + self.body(image)


class Decoder(nn.Module):
    """latent [B, 16, h, w] -> image [B, 3, 8h, 8w]; clamped to -1..1 unless training."""

    def __init__(self, coarse=80, fine=32):
        super().__init__()
        self.linear = nn.Conv2d(LATENT, 3 * BLOCK * BLOCK, 1)
        self.coarse = nn.Sequential(
            nn.Conv2d(LATENT, coarse, 3, padding=1), Residual(coarse), Residual(coarse),
            nn.Conv2d(coarse, fine * 4, 1))
        self.fine = nn.Sequential(Residual(fine), Residual(fine), nn.ReLU(), nn.Conv2d(fine, 3 * 16, 3, padding=1))

    def forward(self, latent):
        detail = self.fine(F.pixel_shuffle(self.coarse(latent), 2))
        image = F.pixel_shuffle(self.linear(latent), BLOCK) + F.pixel_shuffle(detail, 4)
        return image if self.training else image.clamp(-1, 1)


class Codec(nn.Module):
    """The pair, trained together."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    @torch.no_grad()
    def start_from_components(self, pictures):
        """Initialise the linear halves from [N, 3, H, W] pictures in -1..1 (whitened PCA)."""
        patches = F.unfold(pictures, BLOCK, stride=BLOCK).transpose(1, 2).reshape(-1, 3 * BLOCK * BLOCK)
        mean = patches.mean(0)
        covariance = (patches - mean).T @ (patches - mean) / len(patches)
        values, vectors = torch.linalg.eigh(covariance)
        basis, deviation = vectors[:, -LATENT:].flip(1), values[-LATENT:].flip(0).sqrt()
        forward = (basis / deviation).T
        self.encoder.linear.weight.copy_(forward.reshape(LATENT, 3, BLOCK, BLOCK))
        self.encoder.linear.bias.copy_(-forward @ mean)
        self.decoder.linear.weight.copy_((basis * deviation).reshape(-1, LATENT, 1, 1))
        self.decoder.linear.bias.copy_(mean)
        for last in (self.encoder.body[-1], self.decoder.fine[-1]):
            last.weight.mul_(0.02)
            last.bias.zero_()

    @torch.no_grad()
    def normalise(self, mean, deviation):
        """Fold per-channel normalisation (z - mean) / deviation, both [16], into the weights."""
        for conv in (self.encoder.linear, self.encoder.body[-1]):
            conv.weight.div_(deviation[:, None, None, None])
            conv.bias.div_(deviation)
        self.encoder.linear.bias.sub_(mean / deviation)
        for conv in (self.decoder.linear, self.decoder.coarse[0]):
            if conv.kernel_size == (1, 1):
                conv.bias.add_(conv.weight[:, :, 0, 0] @ mean)
        first = self.decoder.coarse[0]
        first.bias.add_((first.weight.sum((2, 3))) @ mean)
        for conv in (self.decoder.linear, first):
            conv.weight.mul_(deviation[None, :, None, None])

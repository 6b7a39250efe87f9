"""The network: residual convolutions at half the size of the input, pixel shuffle, bicubic beside it.

After SRVGGNetCompact of Real-ESRGAN (Wang et al., ICCVW 2021): no upscaled feature maps, ReLU, the
enlarged input added at the end. Two things differ. The convolutions run at half the input's size,
four times as wide in channels per cost and twice as wide in sight, because what a codec of 8-pixel
cells leaves is smooth. And the enlarged input is a convolution that starts as the bicubic one.
"""

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, BLOCKS, REACH = 32, 3, 20
"""Channels; residual blocks; pixels of the input that a result sees to each side."""


def cubic(distance, a=-0.75):
    """Keys' cubic kernel (1981) with the parameter that torch and OpenCV use; distance >= 0, any shape."""
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return torch.where(distance <= 1, near, torch.where(distance < 2, far, torch.zeros_like(distance)))


def bicubic_kernel():
    """[12, 3, 5, 5]: bicubic enlargement by two as a convolution before a pixel shuffle."""
    taps = torch.arange(-2, 3, dtype=torch.float64)
    # Pixel centres of the enlarged picture lie a quarter of an input pixel left and right of the input's own.
    phases = torch.stack([cubic((taps - centre).abs()) for centre in (-0.25, 0.25)])
    kernel = torch.zeros(3, 2, 2, 3, 5, 5, dtype=torch.float64)
    for colour in range(3):
        kernel[colour, :, :, colour] = phases[:, None, :, None] * phases[None, :, None, :]
    return kernel.reshape(12, 3, 5, 5).float()


class Residual(nn.Module):
    """relu(x + conv(relu(conv(x)))), 3x3, width kept."""

    def __init__(self, width):
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        nn.init.zeros_(self.second.bias)
        with torch.no_grad():
            self.second.weight.mul_(0.3)

    def forward(self, x):
        return F.relu(x + self.second(F.relu(self.first(x))))


class Upscale(nn.Module):
    """image [B, 3, H, W], RGB in 0..1 -> [B, 3, 2H, 2W], about 0..1, not clamped. Any H and W from 1 up."""

    def __init__(self, width=WIDTH, blocks=BLOCKS):
        super().__init__()
        self.enlarge = nn.Conv2d(3, 12, 5)
        self.enter = nn.Conv2d(3, width, 4, stride=2)
        self.body = nn.Sequential(*(Residual(width) for _ in range(blocks)))
        self.leave = nn.Conv2d(width, 48, 3, padding=1)
        with torch.no_grad():
            self.enlarge.weight.copy_(bicubic_kernel())
            for silent in (self.enlarge.bias, self.leave.weight, self.leave.bias):
                silent.zero_()

    def forward(self, image):
        plain = F.pixel_shuffle(self.enlarge(F.pad(image, (2, 2, 2, 2), mode="replicate")), 2)
        inside = F.relu(self.enter(F.pad(image, (1, 2, 1, 2), mode="replicate")))
        detail = F.pixel_shuffle(self.leave(self.body(inside)), 4)
        # An odd length has a half cell too much at its end.
        return plain + detail[..., :plain.shape[2], :plain.shape[3]]

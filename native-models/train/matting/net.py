"""The network: a small encoder and decoder of plain 3x3 convolutions with ReLU.

Most work happens at a quarter to a thirty-second of the picture's size; the mean over the coarsest
map tells every cell what the whole picture is. The edge is found at full size by eight channels
that see the picture itself (after the detail branch of MODNet, Ke et al., AAAI 2022).
"""

import torch
from torch import nn
from torch.nn import functional as F

WIDTHS = (16, 24, 40, 56, 72)
"""Channels at a half, a quarter, … a thirty-second of the picture's size."""
DETAIL = 8


def convolution(inside, outside, stride=1, norm=False):
    """3x3 convolution; with `norm` a batch normalisation follows it, which `Matting.folded` takes into the weights."""
    conv = nn.Conv2d(inside, outside, 3, stride=stride, padding=1)
    return nn.Sequential(conv, nn.BatchNorm2d(outside, momentum=0.05)) if norm else conv


class Residual(nn.Module):
    """relu(x + conv(relu(conv(x)))), 3x3, width kept."""

    def __init__(self, width, norm=False):
        super().__init__()
        self.first, self.second = (convolution(width, width, norm=norm) for _ in range(2))

    def forward(self, x):
        return F.relu(x + self.second(F.relu(self.first(x))))


class Matting(nn.Module):
    """image [B, 3, H, W], RGB as (value - 127.5) / 127.5, H and W multiples of 32 -> matte [B, 1, H, W], 0 to 1.

    While it trains it gives logits instead, and a coarse matte's logits [B, 1, H/16, W/16] beside them.
    norm: batch normalisation (Ioffe and Szegedy, ICML 2015) while it learns from nothing; `folded` has none.
    """

    def __init__(self, widths=WIDTHS, blocks=(0, 1, 1, 2, 2), norm=False):
        super().__init__()
        inside = (3,) + tuple(widths[:-1])
        self.down = nn.ModuleList(convolution(a, b, 2, norm) for a, b in zip(inside, widths))
        self.stay = nn.ModuleList(nn.Sequential(*(Residual(w, norm) for _ in range(n))) for w, n in zip(widths, blocks))
        self.whole = nn.Conv2d(widths[-1], widths[-1], 1)
        self.up = nn.ModuleList(convolution(b, a, norm=norm) for a, b in zip(widths[:-1], widths[1:]))
        self.join = nn.ModuleList(convolution(w, w, norm=norm) for w in widths[:-1])
        self.coarse = nn.Conv2d(widths[3], 1, 3, padding=1)
        self.wide = nn.Conv2d(widths[0], 4 * DETAIL, 3, padding=1)
        self.near = nn.Conv2d(3, DETAIL, 3, padding=1)
        self.matte = nn.Conv2d(DETAIL, 1, 3, padding=1)

    def forward(self, image):
        kept, x = [], image
        for down, stay in zip(self.down, self.stay):
            x = stay(F.relu(down(x)))
            kept.append(x)
        x = F.relu(x + self.whole(x.mean((2, 3), keepdim=True)))
        coarse = None
        for level in (3, 2, 1, 0):
            x = F.interpolate(self.up[level](x), scale_factor=2, mode="nearest") + kept[level]
            x = F.relu(self.join[level](F.relu(x)))
            if level == 3:
                coarse = self.coarse(x) if self.training else None
        fine = F.relu(F.pixel_shuffle(self.wide(x), 2) + self.near(image))
        logits = self.matte(fine)
        return (logits, coarse) if self.training else torch.sigmoid(logits)

    def settle(self):
        """Let normalisation use its running figures from here on, while the rest goes on training."""
        for layer in self.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eval()

    @torch.no_grad()
    def folded(self):
        """The same function without normalisation layers, its running figures taken into weights and biases."""
        state = {}
        modules = dict(self.named_modules())
        for name, value in self.state_dict().items():
            owner, _, part = name.rpartition(".")
            layer, pair = modules[owner], modules[owner.rpartition(".")[0]] if "." in owner else None
            normed = isinstance(pair, nn.Sequential) and len(pair) == 2 and isinstance(pair[1], nn.BatchNorm2d)
            if not normed:
                state[name] = value
            elif isinstance(layer, nn.Conv2d):
                after = pair[1]
                scale = after.weight / (after.running_var + after.eps).sqrt()
                folded = value * scale[:, None, None, None] if part == "weight" else after.bias + (value - after.running_mean) * scale
                state[f"{owner.rpartition('.')[0]}.{part}"] = folded
        plain = Matting(norm=False)
        plain.load_state_dict(state)
        return plain

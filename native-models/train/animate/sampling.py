"""One to four step sampling as the engine does it, with the shared noise."""

import numpy as np
import torch

from shared import philox
from animate import vocabulary


def noise_for(seeds, shape, stream=0):
    """Philox normals [B, *shape], one seed per row."""
    return torch.from_numpy(np.stack([philox.normal_tensor(int(s), stream, shape) for s in seeds]))


def levels(steps):
    """Noise levels of a sampler with 1..4 steps: 1, 0.9, 0.8, 0.7.

    Later steps stay near 1: lower levels leave specks of the noise in the picture.
    """
    return [1.0, 0.9, 0.8, 0.7][:steps]


@torch.no_grad()
def animate(net, codec, image, prompts, strength, seeds, steps=1, guidance=1.2, negative=None, mode="self"):
    """image [B, 3, H, W] in -1..1 and B prompts to pictures of the same shape.

    Each step estimates the clean latents and, but for the last, puts the same
    noise back at the next level (the stream-batch rule of StreamDiffusion).
    mode: where the unguided velocity comes from, as in the programme (spec.md [S6]), whose default is
    away from the source by 1.2:
    `none`, `full` (the negative prompt), `self` (the input picture), `onetime` (the
    negative prompt's estimate at the first level).
    """
    condition = codec.encoder(image)
    noise = noise_for(seeds, condition.shape[1:]).to(condition)
    heard = lambda texts: net.text(torch.tensor([vocabulary.tokenize(p) for p in texts]))
    hidden, against = heard(prompts), heard([negative or ""] * len(prompts))
    power = torch.full((len(prompts),), float(strength))
    sample, reference = noise, condition
    sigmas = levels(steps)
    for k, sigma in enumerate(sigmas):
        at = torch.full((len(prompts),), sigma)
        velocity = net.unet(sample, at, condition, power, hidden)
        if mode == "onetime" and k == 0:
            reference = sample - sigma * net.unet(sample, at, condition, power, against)
        if mode != "none":
            base = net.unet(sample, at, condition, power, against) if mode == "full" else (sample - reference) / sigma
            velocity = base + guidance * (velocity - base)
        clean = sample - sigma * velocity
        if k + 1 < steps:
            sample = (1 - sigmas[k + 1]) * clean + sigmas[k + 1] * noise
    return codec.decoder(clean)

"""Training of the codec on crops of the pool's pictures."""

import numpy as np
import torch
from torch.nn import functional as F

from animate.nets.codec import LATENT, Codec
from shared.loop import Loop, autocast, device

CROP, BATCH, NOISE = 128, 24, 0.04


def to_tensor(pictures):
    """uint8 [B, H, W, 3] -> float32 [B, 3, H, W] in -1..1."""
    array = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2)
    return array.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


class Crops:
    """Random square crops and flips from pools that may still be growing."""

    def __init__(self, pools, seed):
        self.pools, self.rng = pools, np.random.default_rng(seed)

    def __call__(self, count, size=CROP):
        """[count, 3, size, size] in -1..1."""
        out = np.empty((count, size, size, 3), np.uint8)
        ready = [p.indices() for p in self.pools]
        usable = [k for k, r in enumerate(ready) if len(r)]
        for i in range(count):
            k = usable[i % len(usable)]
            picture = self.pools[k].pictures[self.rng.choice(ready[k])]
            y, x = self.rng.integers(0, picture.shape[0] - size + 1, 2)
            crop = picture[y:y + size, x:x + size]
            out[i] = crop[:, ::-1] if self.rng.random() < 0.5 else crop
        return to_tensor(out)


def reconstruction_loss(guess, image):
    """L1 + MSE + gradient L1, the last keeping edges crisp."""
    error = guess.float() - image
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 3 * error.square().mean() + 0.5 * edges


def psnr(guess, image):
    """Peak signal-to-noise ratio per picture in dB, pictures in -1..1, [B]."""
    mse = (guess.clamp(-1, 1) - image).square().mean((1, 2, 3))
    return 10 * torch.log10(4 / mse.clamp_min(1e-10))


def train(pools, folder, minutes, resume=False):
    """Train for `minutes`; leaves checkpoint `codec` in `folder`."""
    where = device()
    torch.manual_seed(11)
    crops = Crops(pools, seed=11)
    codec = Codec()
    codec.start_from_components(crops(256))
    codec = codec.to(where, memory_format=torch.channels_last).train()
    loop = Loop("codec", codec, folder, minutes, rate=1e-3, decay=0.999, resume=resume)
    held = Crops(pools, seed=12)(48).to(where)

    def loss_of(_):
        image = crops(BATCH).to(where)
        with autocast(where):
            latent = codec.encoder(image)
            scale = latent.detach().float().std((0, 2, 3)).view(1, LATENT, 1, 1)
            noisy = latent + NOISE * scale * torch.randn_like(latent.float())
            guess = codec.decoder(noisy)
        drift = latent.float().mean((0, 2, 3)).square().mean() + (latent.float().std((0, 2, 3)) - 1).square().mean()
        return reconstruction_loss(guess, image) + 1e-3 * drift

    @torch.no_grad()
    def report(step):
        guess = loop.average.decoder(loop.average.encoder(held))
        print(f"codec step {step} {loop.spent / 60:.1f} min: PSNR {psnr(guess, held).mean():.2f} dB", flush=True)

    if not loop.step:
        report(0)
    loop.run(loss_of, 200, report)
    report(loop.step)


@torch.no_grad()
def finish(codec, crops, batches=24):
    """Normalise the latents to zero mean and unit variance per channel, in place."""
    latents = torch.cat([codec.encoder(crops(16)) for _ in range(batches)])
    flat = latents.float().transpose(0, 1).flatten(1)
    codec.normalise(flat.mean(1), flat.std(1))
    return codec

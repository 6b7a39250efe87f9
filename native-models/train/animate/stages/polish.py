"""Training of the decoder alone, the encoder frozen: latents on disk stay valid."""

import json
from pathlib import Path

import numpy as np
import torch

from shared import checkpoint
from shared.loop import Loop, autocast, device
from animate.evaluate import held_out, shift_flicker
from animate.stages.codec import CROP, NOISE, Crops, psnr, reconstruction_loss, to_tensor

BATCH, STEADINESS, HELD, EVERY = 12, 0.5, 24, 100
CELL = 8


def shifted(image, dy, dx):
    """Two crops of [B, 3, CROP + 8, CROP + 8], the second (dy, dx) pixels further on."""
    return image[..., :CROP, :CROP], image[..., dy:dy + CROP, dx:dx + CROP]


def apart(first, second, dy, dx):
    """Mean absolute difference of two crops where both show the same, moved by (dy, dx) pixels."""
    return (first[..., dy:, dx:] - second[..., :CROP - dy, :CROP - dx]).abs().mean()


def train(pools, folder, codec, minutes, resume=False):
    """Reconstruction, and steadiness: what moves by less than a cell must come out the same, only
    moved, or the picture flickers while the camera pans.

    Leaves checkpoints `polish` (to go on) and `frozen` (the codec in use), and `polish.curve.jsonl`:
    PSNR (dB) and flicker (grey levels) on held-out pictures.
    """
    where = device()
    rng = np.random.default_rng(np.random.SeedSequence().entropy if resume else 14)
    crops = Crops(pools, seed=int(rng.integers(2**31)))
    encoder = codec.encoder.eval().to(where)
    decoder = codec.decoder.to(where, memory_format=torch.channels_last).train().requires_grad_(True)
    loop = Loop("polish", decoder, folder, minutes, rate=5e-4, decay=0.999, resume=resume)
    held = to_tensor(held_out(HELD)[:, 28:228, 28:228].copy()).to(where)

    def loss_of(_):
        dy, dx = (int(n) for n in rng.integers(0, CELL, 2))
        pair = torch.cat(shifted(crops(BATCH, CROP + CELL).to(where), dy, dx)).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            latent = encoder(pair)
        noisy = latent + NOISE * torch.randn_like(latent)
        with autocast(where):
            guess = decoder(noisy)
        first, second = guess.float().chunk(2)
        return reconstruction_loss(guess, pair) + STEADINESS * apart(first, second, dy, dx)

    @torch.no_grad()
    def report(step):
        made = loop.average(encoder(held))
        row = {"step": step, "minutes": round(loop.spent / 60, 1), "psnrDb": round(float(psnr(made, held).mean()), 3),
               "flicker": round(shift_flicker(encoder, loop.average, held), 3), "n": HELD}
        with open(Path(folder) / "polish.curve.jsonl", "a") as curve:
            curve.write(json.dumps(row) + "\n")
        print(f"polish {row}", flush=True)

    report(loop.step)
    loop.run(loss_of, EVERY, report)
    report(loop.step)
    codec.decoder.load_state_dict(loop.average.state_dict())
    checkpoint.save(folder, "frozen", {"average": dict(codec.state_dict())})

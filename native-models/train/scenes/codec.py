"""The shipped animate codec, its weights read back from the .onnx files."""

import torch

from animate.nets.codec import Codec
from shared.export import ROOT, weights


def shipped_codec(root=ROOT):
    """Encoder and decoder as the programme runs them."""
    codec = Codec()
    for half in ("encoder", "decoder"):
        getattr(codec, half).load_state_dict(weights(root / "models" / "animate" / f"codec_{half}.onnx"))
    return codec.eval().requires_grad_(False)


def to_image(pictures):
    """uint8 [N, H, W, 3] -> float [N, 3, H, W] in -1..1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def encode(codec, pictures, step=12):
    """uint8 [N, H, W, 3] -> latents [N, 16, H/8, W/8]."""
    return torch.cat([codec.encoder(to_image(pictures[i:i + step])) for i in range(0, len(pictures), step)])


@torch.no_grad()
def decode(codec, latents, step=12):
    """latents -> uint8 [N, H, W, 3]."""
    parts = [codec.decoder(latents[i:i + step].float()) for i in range(0, len(latents), step)]
    return ((torch.cat(parts) + 1) * 127.5 + 0.5).clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()

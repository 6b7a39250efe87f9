"""Trained networks back from their checkpoints."""

from shared import checkpoint, restore as shipped
from shared.export import ROOT
from animate.nets.animate import Animate
from animate.nets.codec import Codec
from animate.nets.judge import Judge


def _averaged(folder, name, net):
    if not checkpoint.exists(folder, name):
        raise FileNotFoundError(f"There is no checkpoint '{name}' in {folder}. Run `run.py {name}` first or pass --out.")
    net.load_state_dict(checkpoint.load(folder, name)["average"])
    return net.eval().requires_grad_(False)


def codec(folder):
    """The codec with normalised latents (checkpoint `frozen`)."""
    return _averaged(folder, "frozen", Codec())


def judge(folder):
    """The judge."""
    return _averaged(folder, "judge", Judge())


def animate(folder):
    """The distilled model when there is one, else the flow-matching one, and its name."""
    name = "distilled" if checkpoint.exists(folder, "distilled") else "animate"
    return _averaged(folder, name, Animate()), name


def teacher(folder):
    """The flow-matching model."""
    return _averaged(folder, "animate", Animate())


def restore(folder, root=ROOT):
    """Checkpoints `frozen` and `distilled` of the shipped files, to train on from them."""
    files = root / "models" / "animate"
    pair, net = Codec(), Animate()
    for part, name in ((pair.encoder, "codec_encoder"), (pair.decoder, "codec_decoder"), (net.text, "text_encoder"), (net.unet, "unet")):
        shipped.load(part, files / f"{name}.onnx")
    checkpoint.save(folder, "frozen", {"average": dict(pair.state_dict())})
    checkpoint.save(folder, "distilled", {"average": dict(net.state_dict()), "net": dict(net.state_dict())})


def freeze_codec(folder, crops):
    """Normalise the trained codec's latents and keep it as `frozen`: from here on
    every latent on disk depends on it."""
    from animate.stages.codec import finish
    net = finish(_averaged(folder, "codec", Codec()), crops)
    checkpoint.save(folder, "frozen", {"average": dict(net.state_dict())})
    return net

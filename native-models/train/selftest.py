#!/usr/bin/env python3
"""Fast checks without a test framework: noise vectors, determinism, contracts of the nets."""

import hashlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch

from animate import vocabulary
from animate.data.pictures import picture
from animate.looks.teacher import FILTERS, render
from animate.nets.codec import Codec
from animate.nets.unet import UNet
from binaural import sampling, scale, spectra, tiny as binaural_tiny, vectors as binaural_vectors
from binaural.net import macs_per_frame
from binaural.noise import frame_noise
from captions import checks as captions
from matting import checks as matting
from scenes import checks as scenes
from shared import checkpoint, export, philox
from shared.text import TextEncoder
from upscale import checks as upscale

RANDOM123 = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0), (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
]


def noise_is_random123():
    """Known answers of the Random123 distribution, and the committed vectors."""
    for counter, key, expected in RANDOM123:
        assert tuple(philox.philox_block(np.array(counter, np.uint64), key)) == expected, counter
    sample = philox.normals(5, 1, 200_000)
    assert abs(sample.mean()) < 0.01 and abs(sample.std() - 1) < 0.01
    vectors = json.loads((export.ROOT / "contracts" / "noise-vectors.json").read_text())
    for v in vectors["streams"]:
        made = philox.words(int(v["seed"]), v["stream"], len(v["words"]) // 4).ravel()
        assert made.tolist() == v["words"], v["seed"]
        np.testing.assert_array_equal(philox.normals(int(v["seed"]), v["stream"], len(v["normals"])), np.float32(v["normals"]))


def generators_are_deterministic():
    """The same index gives the same picture, another index another one."""
    first, again, other = picture(3)[0], picture(3)[0], picture(4)[0]
    assert (first == again).all() and (first != other).any() and first.shape == (256, 256, 3)


def teacher_hides_factors():
    """Every look keeps size and range, repeats with its seed and differs from the input."""
    source = picture(5)[0].astype(np.float32) / 255
    for look in FILTERS:
        a, b = (render(source, [look], np.random.default_rng(k)) for k in (1, 1))
        c = render(source, [look], np.random.default_rng(2))
        assert a.shape == source.shape and a.min() >= 0 and a.max() <= 1, look
        assert (a == b).all() and (a != c).any() and np.abs(a - source).mean() > 0.02, look


def prompts_follow_the_contract():
    """Lower case, synonyms, unknown words, length and the rule for long prompts."""
    words = vocabulary.WORDS
    assert vocabulary.tokenize("Watercolor, SNOWY harbour") == [words["watercolour"], words["snow"], 1] + [0] * 9
    assert vocabulary.tokenize("a b c d e f g h i j k l neon") == [words["neon"]] + [0] * 11
    assert all(target in words for target in vocabulary.SYNONYMS.values())
    assert not set(vocabulary.SYNONYMS) & set(words)
    assert set(vocabulary.GROUPS["look"]) == set(FILTERS)


def nets_follow_the_contract():
    """Shapes at two sizes, clamping, and that normalisation is only a change of units."""
    codec, text, unet = Codec().eval(), TextEncoder(vocabulary.VOCABULARY).eval(), UNet().eval()
    with torch.no_grad():
        for h, w in ((64, 64), (96, 128)):
            image = torch.rand(2, 3, h, w) * 2 - 1
            latent = codec.encoder(image)
            assert latent.shape == (2, 16, h // 8, w // 8)
            assert codec.decoder(latent * 50).abs().max() <= 1
            hidden = text(torch.zeros(2, 12, dtype=torch.int64))
            assert hidden.shape == (2, 12, 64) and not hidden.any()
            v = unet(latent, torch.tensor([1.0, 0.3]), latent, torch.ones(2), hidden)
            assert v.shape == latent.shape and torch.isfinite(v).all()
        latent = torch.randn(1, 16, 20, 20)
        before = codec.decoder(latent)
        mean, deviation = torch.randn(16), torch.rand(16) + 0.5
        codec.normalise(mean, deviation)
        after = codec.decoder((latent - mean.view(1, -1, 1, 1)) / deviation.view(1, -1, 1, 1))
        inner = (slice(None), slice(None), slice(64, -64), slice(64, -64))  # beyond reach of the padding
        assert (before - after)[inner].abs().max() < 1e-3


def checkpoints_round_trip():
    """Nested state survives, replaced checkpoints leave no parts behind."""
    state = {"net": {"w": torch.randn(3, 4)}, "optimiser": {"state": {0: {"m": torch.ones(2)}}, "list": [1, 2.5, None]}, "step": 7}
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(folder, "x", state)
        checkpoint.save(folder, "x", state)
        back = checkpoint.load(folder, "x")
        assert torch.equal(back["net"]["w"], state["net"]["w"]) and back["step"] == 7
        assert torch.equal(back["optimiser"]["state"][0]["m"], torch.ones(2)) and back["optimiser"]["list"] == [1, 2.5, None]
        assert len(list(Path(folder).iterdir())) == 2


def shipped_files_match_the_catalogue():
    """Bytes and hashes of every catalogued file."""
    path = export.ROOT / "catalogue.json"
    if not path.exists():
        return
    for model in json.loads(path.read_text())["models"]:
        for file in model["files"]:
            data = (export.ROOT / model["folder"] / file["path"]).read_bytes()
            assert len(data) == file["bytes"] and hashlib.sha256(data).hexdigest() == file["sha256"], file["path"]


def parametric_render_keeps_its_vectors():
    """The committed golden values, Woodworth's table, six images, and the transform's identity."""
    committed = json.loads((export.ROOT / "contracts" / "binaural-vectors.json").read_text())
    made = binaural_vectors.make()
    for old, new in zip(committed["renders"], made["renders"]):
        for ear in ("left", "right", "leftSums", "rightSums"):
            np.testing.assert_allclose(new["whole"][ear], old["whole"][ear], rtol=1e-7, atol=1e-9)
    for row, expected in zip(made["itdUs"], (133, 261, 381, 488, 656)):
        assert abs(row["itd"] - expected) < 1, row
    for row, expected in zip(made["ildDb"], ((1.1, 3.1, 10.3, 12.5), (1.8, 4.9, 15.0, 19.9), (2.1, 5.3, 13.7, 15.9))):
        assert np.abs(np.subtract(row["ild"], expected)).max() < 0.5, row
    sound = np.random.default_rng(1).standard_normal((2, 128 * 20))
    back = spectra.synthesise(spectra.analyse(sound))
    assert np.abs(back[:, spectra.DELAY:] - sound[:, :-spectra.DELAY]).max() < 1e-12
    squeezed = scale.compress(spectra.analyse(sound))
    np.testing.assert_allclose(scale.expand(squeezed), spectra.analyse(sound), atol=1e-9)


def binaural_streams_like_one_shot():
    """Any chunking gives one result, one cache for two times does not; silence stays silent; noise belongs to its frame."""
    net = binaural_tiny.tiny()
    start, noise, pose = binaural_tiny.inputs()
    assert np.array_equal(frame_noise(7, 2), frame_noise(0, 10)[:, 7:9])
    for evaluations in (1, 2):
        whole = sampling.stream(net, start, noise, pose, evaluations, chunk=48)
        for chunk in (16, [1, 30, 17]):
            assert (sampling.stream(net, start, noise, pose, evaluations, chunk=chunk) - whole).abs().max() < 1e-4
    assert (sampling.stream(net, start, noise, pose, 2, chunk=16, shared=True) - whole).abs().max() > 0.1
    assert sampling.stream(net, 0 * start, noise, pose, 1).abs().max() < 1e-4


def shipped_binaural_can_be_trained_on():
    """The shipped graph's weights load into the net, every one by its name."""
    if not (export.ROOT / "models" / "binaural" / "velocity.onnx").exists():
        return
    try:
        import h5py  # noqa: F401  read with the measured head
    except ImportError:
        print("skipped: python3-h5py is not installed")
        return
    from binaural.train import shipped
    net = shipped()
    assert net.leave.weight.abs().max() > 0 and macs_per_frame(net) * 375 < 1.5e9


CHECKS = (noise_is_random123, generators_are_deterministic, teacher_hides_factors, prompts_follow_the_contract,
          nets_follow_the_contract, checkpoints_round_trip, shipped_files_match_the_catalogue,
          parametric_render_keeps_its_vectors, binaural_streams_like_one_shot, shipped_binaural_can_be_trained_on) + captions.CHECKS + scenes.CHECKS + matting.CHECKS + upscale.CHECKS

if __name__ == "__main__":
    torch.set_num_threads(2)
    torch.manual_seed(1)
    for check in CHECKS:
        begun = time.time()
        check()
        print(f"ok  {check.__name__}  {time.time() - begun:.1f} s")

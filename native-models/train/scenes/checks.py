"""Fast checks of the scenes model's own code, run by selftest.py."""

import tempfile
from pathlib import Path

import torch

from scenes import export, parallel, vocabulary
from scenes.evaluate import hidden_of, roll_many
from scenes.nets.scenes import Scenes
from scenes.optimiser import orthogonal
from scenes.rollout import Stream
from scenes.shape import TINY
from scenes.tiny import cached_against_masked, nets
from shared import restore
from scenes.world.clips import HELD_OUT, clip, held_out, tokens
from scenes.world.scene import CHOICES


def scenes_are_deterministic():
    """The same seed gives the same clip, another one another; no clip shows a held-out combination."""
    (first, record), (again, _), (other, _) = clip(3), clip(3), clip(4)
    assert (first == again).all() and (first != other).any() and first.shape == (24, 128, 256, 3)
    assert len(HELD_OUT) == 16 and not held_out(record["first"])


def scene_words_are_known():
    """Every attribute is a word of the vocabulary and every synonym means one; prompts fit."""
    import numpy as np
    words = vocabulary.WORDS
    assert all(value in words for values in CHOICES.values() for value in values if value)
    assert all(meant in words and word not in words for word, meant in vocabulary.SYNONYMS.items())
    attributes = {key: values[0] for key, values in CHOICES.items()}
    prompt = tokens(attributes, np.random.default_rng(1))
    assert len(prompt) == vocabulary.LENGTH and set(prompt) <= {0, 1, *(words[v] for v in attributes.values())}


def cached_chunks_are_one_masked_run():
    """Chunk by chunk over the cache equals one masked run, with sink and window and with a sliding window."""
    net, text = nets()
    with torch.no_grad():
        hidden = text(torch.tensor([vocabulary.tokenize("neon city at night")]))
        assert hidden[0, 3].abs().sum() > 0 and not hidden[0, 4:].any()
        for case in ((4, 12, 3), (5, 9, 0)):
            assert cached_against_masked(net, hidden, *case)["torchDifference"] <= 1e-5


def training_sees_what_the_engine_sees():
    """The trainer's parallel pass over a show equals the cached stream, beyond the window too; sigma 0 is finite."""
    net, text = nets()
    clean = torch.randn(1, 6, 3, 16, 16, 32, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        hidden = text(torch.tensor([vocabulary.tokenize("sea dusk")]))
        stream = Stream(net, hidden, 1)
        for c in range(5):
            velocity, k, v = stream.run(clean[:, c], 0.0)
            assert torch.isfinite(velocity).all()
            stream.keep(clean[:, c], k, v)
        goal = stream.run(clean[:, 5], 0.7)[0]
        positions = parallel.Positions(TINY)
        past = parallel.forward(net, clean[:, :5], torch.zeros(1, 5), hidden, [0, 1, 2, 3, 4], positions)[1]
        made = parallel.forward(net, clean[:, 3:], torch.full((1, 3), 0.7), hidden, [3, 4, 5], positions, past)[0]
        assert (made[:, 2] - goal).abs().max() < 1e-5
        assert len(stream.cache) == 3 and len(stream.latents) == 3


def shows_side_by_side_are_shows():
    """Batched rolling gives what the chunk-by-chunk stream gives, past the window."""
    torch.manual_seed(8)
    net = Scenes(TINY).eval()
    with torch.no_grad():
        for weight in net.step.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
        stream = Stream(net.step, hidden_of(net, "sea dusk"), 9, (1.0, 0.6))
        alone = torch.cat([stream.advance() for _ in range(5)])
    made = roll_many(net, ["city", "sea dusk"], [8, 9], 5, (1.0, 0.6))[1]
    assert (made - alone).abs().max() < 1e-4


def shipped_weights_come_back():
    """Every weight of a fresh net survives the way through its .onnx files exactly."""
    torch.manual_seed(3)
    net, back = Scenes(TINY), Scenes(TINY)
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
        net.step.measure(torch.randn(20, *TINY.latent))
    with tempfile.TemporaryDirectory() as folder:
        restore.load(back.step, export.write_step(net.step, Path(folder), TINY))
        restore.load(back.text, export.write_text(net.text, Path(folder)))
    assert all(torch.equal(a, b) for a, b in zip(net.state_dict().values(), back.state_dict().values()))


def wiener_is_what_an_untrained_net_gives():
    """A fresh net's clean estimate is the linear optimum: better than the sample, and the sample itself at sigma 0."""
    torch.manual_seed(6)
    net = Scenes(TINY).step.eval()
    world = torch.randn(200, 1, *TINY.latent[1:]) * torch.linspace(2, 0.1, 16)[:, None, None] + 1
    with torch.no_grad():
        net.measure(world[:150])
        clean, hidden, positions = world[150:, None, None], torch.zeros(50, 12, 64), parallel.Positions(TINY)
        for level, bound in ((0.0, 1e-4), (0.5, 0.75), (1.0, 1.15)):
            sigma = torch.full((50, 1), level)
            sample = (1 - level) * clean + level * torch.randn_like(clean)
            velocity, _ = parallel.forward(net, sample, sigma, hidden, [0], positions)
            error = (sample - level * velocity - clean).square().mean() / clean.var()
            assert error < bound, (level, float(error))


def muon_is_nearly_orthogonal():
    """Singular values of an orthogonalised matrix lie near 1."""
    values = torch.linalg.svdvals(orthogonal(torch.randn(24, 60, generator=torch.Generator().manual_seed(4)), rounds=5))
    assert values.min() > 0.5 and values.max() < 1.4


CHECKS = (scenes_are_deterministic, scene_words_are_known, cached_chunks_are_one_masked_run,
          training_sees_what_the_engine_sees, shows_side_by_side_are_shows, shipped_weights_come_back, wiener_is_what_an_untrained_net_gives, muon_is_nearly_orthogonal)

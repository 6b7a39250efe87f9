"""Fast checks of the captions part, without synthesisers."""

import json
import random
import tempfile
from pathlib import Path

import numpy as np
import torch

from captions import decode, export, models
from captions.data import batches, pieces, talk, text
from captions.evaluate import framed
from captions.features import log_mel
from captions.nets import TRAINING_ONLY, Captions, Shape, chunk_mask, stream
from captions.stages.train import losses
from shared.export import ROOT

SMALL = Shape(vocabulary=12, width=16, layers=2, heads=2, hidden=16, channels=(4, 4, 4), symbols=5, tap=1)


def features_are_the_golden_ones():
    """log-mel against the file made in double precision by other code."""
    for signal in json.loads((ROOT / "contracts" / "captions-features.json").read_text())["signals"]:
        made, golden = log_mel(np.array(signal["samples"]) / 32768), np.array(signal["features"])
        assert made.shape == golden.shape and np.abs(made - golden).max() < 1e-3, signal["name"]


def chunks_equal_the_whole():
    """Streaming with caches gives what the chunk mask gives at once, beyond the cache's length too."""
    net = Captions(SMALL).eval()
    with torch.no_grad():
        for block in net.blocks:
            block.attention.table.normal_()
        mel = np.random.default_rng(1).normal(-8, 3, (900, 80)).astype(np.float32)
        for look_ahead in (0, 1, 6):
            features = framed(mel)
            chunked = stream(net, features, look_ahead)
            assert (chunked - net(features, look_ahead)[:, : chunked.shape[1]]).abs().max() < 1e-4, look_ahead
    places, hidden = chunk_mask(6, 1)
    assert (hidden[2] == torch.tensor([0, 0, 0, 0, -1e4, -1e4])).all() and places[0, 1] == places[4, 5]


def weights_survive_export():
    """Every weight has its own name in the file, so that training can go on from it."""
    net = Captions(SMALL).eval()
    with torch.no_grad():
        for value in net.parameters():  # the exporter keeps one of equal tensors only, as fresh norms are
            value.add_(torch.randn_like(value), alpha=0.1)
    with tempfile.TemporaryDirectory() as folder:
        export.write_streaming(net, 1, Path(folder) / "model.onnx")
        export.write_tokens([chr(97 + i) for i in range(12)], Path(folder) / "tokens.txt")
        back, tokens, props = models.shipped(5, folder)
    assert (back.shape.width, back.shape.layers, back.shape.hidden) == (16, 2, 16)
    assert len(tokens) == 12 and props["window_size"] == "25" and props["vocab_size"] == "12"
    for name, value in net.state_dict().items():
        assert name.startswith(TRAINING_ONLY) or torch.equal(value, back.state_dict()[name]), name


def pieces_spell_words():
    """Letters first, merges in order, any word comes back."""
    learnt = pieces.learn([("the", 9), ("then", 5), ("other", 4), ("a", 3)], 16)
    coder = pieces.Coder(learnt)
    assert "\u2581the" in learnt and len(coder.word("the")) == 1
    said = "the other then a hen".split()
    assert coder.text([n for w in said for n in coder.word(w)]) == " ".join(said)


def sentences_are_clean():
    """Clauses with digits or signs are dropped; the grammar of live talk yields plain words."""
    assert list(text.clauses("It isn't far, he said. Take 2 of them now!")) == [["it", "isn't", "far"]]
    for words in talk.sentences(50, random.Random(1)):
        assert all(text.WORD.match(w) for w in words), words
    assert text.grams("a b c d e f".split()) == {tuple("abcde"), tuple("bcdef")}


def words_are_scored():
    """Greedy CTC, words with frames, edit distance and matching."""
    scores = np.full((6, 4), -9.0)
    for frame, best in enumerate((3, 0, 0, 3, 1, 2)):
        scores[frame, best] = 0
    assert decode.words(decode.greedy(scores), ["\u2581he", "\u2581s", "o"]) == [("he", 1, 1), ("so", 4, 5)]
    assert decode.distance("a b c".split(), "a x c d".split()) == 2
    assert decode.matches("a b c".split(), "b c d".split()) == [(1, 0), (2, 1)]


def teacher_tells_when():
    """A piece may be told from its start to two frames after its end, and losses are finite and fall with its score."""
    times = np.array([[0.10, 0.30], [0.30, 0.50]])
    assert [list(x) for x in batches.spans(times, 12)] == [[1, 3], [5, 8]]
    item = {"mel": np.zeros((90, 80), np.float16), "pieces": np.array([1, 2]), "times": times, "phones": np.ones(45, np.uint8)}
    speech = type("One", (), {"pick": lambda self, rng: item})()
    torch.manual_seed(1)
    net = Captions(SMALL)
    batch = batches.Batches(speech, 12, 1).next(2.0, 0.0, 1.0)
    assert not batch["closed"][:, :, 12].any() and batch["closed"][:, :, 5].all()
    first = sum(losses(net, batch, 1, 1.0))
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(8):
        optimiser.zero_grad()
        total = sum(losses(net, batch, 1, 1.0))
        total.backward()
        optimiser.step()
    assert torch.isfinite(total) and total < first


CHECKS = (features_are_the_golden_ones, chunks_equal_the_whole, weights_survive_export, pieces_spell_words,
          sentences_are_clean, words_are_scored, teacher_tells_when)

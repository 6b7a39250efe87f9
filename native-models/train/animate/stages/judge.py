"""Training of the judge on codec reconstructions of the teacher's pictures."""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from animate import models
from animate.data.pairs import SOURCES, pools
from animate.vocabulary import WORDS
from animate.nets.judge import HEADS, NONE, Judge
from .codec import CROP, to_tensor
from shared.crew import launch
from shared.loop import Loop, autocast, device

BATCH, HELD = 24, 300


def labels_of(prompts):
    """group -> class index of each of the prompts (lists of words), int64 [B]."""
    index = lambda words, known: known.index(next((w for w in words if w in known), NONE))
    return {group: torch.tensor([index(words, known) for words in prompts]) for group, known in HEADS.items()}


def augment(pair):
    """Noise, gain and shift, alike on both pictures of [2, B, 3, H, W], so that the judge looks at the
    change and not at pixels."""
    b = pair.shape[1]
    pair = pair * torch.empty(b, 3, 1, 1).uniform_(0.85, 1.15) + torch.empty(b, 3, 1, 1).uniform_(-0.1, 0.1)
    return (pair + torch.rand(b, 1, 1, 1) * 0.03 * torch.randn_like(pair)).clamp(-1, 1)


def train(pool_folder, folder, codec, minutes, resume=False):
    """Leaves checkpoint `judge`; and `judge.accuracy.json`, measured on targets kept out of training."""
    torch.manual_seed(41)
    where = device()
    net = Judge()
    if resume:
        net.load_state_dict(models.judge(folder).state_dict())
    launch(_learn, net, minutes, {"folder": folder, "pool": pool_folder, "codec": codec.cpu(), "resume": resume})
    net, codec = models.judge(folder).to(where), codec.to(where)
    sources, targets = pools(pool_folder)
    words, kept, right = targets.meta(), targets.indices()[:HELD], dict.fromkeys(HEADS, 0)
    with torch.no_grad():
        for part in np.array_split(kept, HELD // 20):
            coded = lambda pictures: codec.decoder(codec.encoder(to_tensor(pictures).to(where)))
            logits = net(coded(targets.pictures[part]), coded(sources.pictures[part % SOURCES]))
            for group, label in labels_of([words[i] for i in part]).items():
                right[group] += int((logits[group].argmax(1).cpu() == label).sum())
    print(f"judge: of {HELD} held-out targets named right: {right}", flush=True)
    (Path(folder) / "judge.accuracy.json").write_text(json.dumps({"right": right, "n": HELD}))


def _learn(crew, net, minutes, settings):
    where = device()
    torch.manual_seed(41 + crew.rank)
    codec = settings["codec"].eval().to(where)
    sources, targets = pools(settings["pool"])
    words, used = targets.meta(), targets.indices()[HELD:]
    # Words are drawn evenly, so that "none" is no safe answer for the rare ones.
    by_word = [[i for i in used if word in words[i]] for word in WORDS] + [[i for i in used if not words[i]]]
    rng = np.random.default_rng(np.random.SeedSequence().entropy if settings["resume"] else 41 + crew.rank)
    net = net.to(where).train()
    loop = Loop("judge", net, settings["folder"], minutes, rate=2e-3, decay=0.98, resume=settings["resume"], crew=crew, warm=40)

    def loss_of(_):
        chosen = [rng.choice(by_word[rng.integers(len(by_word))]) for _ in range(BATCH)]
        y, x = 8 * rng.integers(0, (256 - CROP) // 8 + 1, 2)
        cut = lambda pictures, places: [pictures[i][y:y + CROP, x:x + CROP] for i in places]
        crops = np.stack(cut(targets.pictures, chosen) + cut(sources.pictures, np.array(chosen) % SOURCES))
        with torch.no_grad(), autocast(where):
            image = to_tensor(crops).to(where)
            image = codec.decoder(codec.encoder(image)).float()
        with autocast(where):
            made, source = augment(image.cpu().unflatten(0, (2, BATCH))).to(where)
            logits = net(made, source)
        labels = labels_of([words[i] for i in chosen])
        return sum(F.cross_entropy(logits[group].float(), labels[group].to(where)) for group in HEADS)

    loop.run(loss_of)

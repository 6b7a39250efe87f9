"""What the shipped scenes model does: recognised words, contrast, drift, diversity, a switch."""

import numpy as np
import torch

from scenes import parallel, vocabulary
from scenes.codec import decode, encode
from scenes.nets.probe import FRAMES
from scenes.rollout import Stream, chunk_noise
from scenes.shape import SIGMAS
from scenes.stages.probe import half, labels
from scenes.world.clips import draw, render, sentence
from scenes.world.scene import CHOICES


@torch.no_grad()
def hidden_of(net, prompt):
    """Prompt to [1, 12, 64]."""
    return net.text(torch.tensor([vocabulary.tokenize(prompt)]))


@torch.no_grad()
def roll_many(net, prompts, seeds, chunks, sigmas=SIGMAS):
    """Latents [B, chunks * 3, 16, 16, 32] of B shows side by side, each as `Stream` would make it."""
    hidden = torch.cat([hidden_of(net, prompt) for prompt in prompts])
    positions, kept, out, b = parallel.Positions(net.step.shape), [], [], len(prompts)
    noise = lambda c, k: torch.cat([chunk_noise(seed, c, k, net.step.shape) for seed in seeds])[:, None]

    def run(sample, sigma):
        past = None
        if kept:
            split = lambda h: h.reshape(b, -1, *h.shape[1:])
            past = [torch.cat([split(h) for h in layer], 1).flatten(0, 1) for layer in zip(*kept)]
        return parallel.forward(net.step, sample, torch.full((b, 1), float(sigma)), hidden, [len(kept)], positions, past)

    for c in range(chunks):
        sample = noise(c, 0)
        for k, sigma in enumerate(sigmas):
            clean = sample - sigma * run(sample, sigma)[0]
            if k + 1 < len(sigmas):
                sample = (1 - sigmas[k + 1]) * clean + sigmas[k + 1] * noise(c, k + 1)
        kept.append(run(clean, 0.0)[1])
        out.append(clean[:, 0])
        if len(kept) > 3:
            del kept[1]
    return torch.cat(out, 1)


def roll(net, prompt, seed, chunks, sigmas=SIGMAS):
    """Latents [chunks * 3, 16, 16, 32] of one show."""
    return roll_many(net, [prompt], [seed], chunks, sigmas)[0]


def contrast(pictures):
    """Mean over pictures of the standard deviation of brightness, uint8 [N, H, W, 3] -> grey levels."""
    return float(np.asarray(pictures, np.float32).mean(-1).std((1, 2)).mean())


def sharpness(pictures):
    """Mean absolute difference of neighbouring pixels in grey levels."""
    grey = np.asarray(pictures, np.float32).mean(-1)
    return float(np.abs(np.diff(grey, axis=2)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def saturation(pictures):
    """Mean distance between the largest and smallest colour."""
    wide = np.asarray(pictures, np.float32)
    return float((wide.max(-1) - wide.min(-1)).mean())


def recognised(net, codec, probe, count, sigmas=SIGMAS, seed=900, chunks=3):
    """Words of held-out combinations named right by the probe in chunks 3 and 4 of a show."""
    from scenes.stages.probe import named
    rng = np.random.default_rng(seed)
    chosen = [draw(rng, held=True) for _ in range(count)]
    pictures, real, made, shows = [], [], [], []
    for i in range(0, count, 10):
        part = chosen[i:i + 10]
        shows += list(roll_many(net, [sentence(a) for a in part], [seed + i + k for k in range(len(part))], chunks, sigmas))
    for i, (attributes, latents) in enumerate(zip(chosen, shows)):
        frames = decode(codec, latents[-6:][list(FRAMES)])
        made.append(frames)
        real.append(decode(codec, encode(codec, render(attributes, seed + i, [40 + f for f in FRAMES]))))
        pictures.append(half(frames))
    result = named(probe, np.stack(pictures), np.array([labels(a) for a in chosen]))
    made, real = np.concatenate(made), np.concatenate(real)
    return {"n": count, "words": {key: {"right": r, "n": n, "share": round(r / max(n, 1), 3)} for key, (r, n) in result.items()},
            "contrastRatio": round(contrast(made) / contrast(real), 3), "sharpnessRatio": round(sharpness(made) / sharpness(real), 3),
            "saturationRatio": round(saturation(made) / saturation(real), 3)}


def drift(codec, probe, shows):
    """First against last 15 s of long shows, [(attributes, latents)]: figures and words named right."""
    parts = {"first": [], "last": []}
    words = {"first": 0, "last": 0}
    keys = ("place", "time", "weather", "style")
    for attributes, latents in shows:
        for name, at in (("first", range(6, 126, 12)), ("last", range(len(latents) - 126, len(latents) - 6, 12))):
            for start in at:
                frames = decode(codec, latents[[start + f for f in FRAMES]])
                parts[name].append(frames)
                with torch.no_grad():
                    logits = probe(torch.from_numpy(half(frames)[None]).float() / 127.5 - 1)
                words[name] += sum(CHOICES[key][int(logits[key].argmax())] == attributes[key] for key in keys)
    figures = {name: {"contrast": contrast(np.concatenate(p)), "sharpness": sharpness(np.concatenate(p)),
                      "saturation": saturation(np.concatenate(p)), "brightness": float(np.concatenate(p).mean()),
                      "wordsRight": words[name] / (len(p) * len(keys))} for name, p in parts.items()}
    figures = {name: {k: round(v, 3) for k, v in part.items()} for name, part in figures.items()}
    change = {k: round(figures["last"][k] / max(figures["first"][k], 1e-6), 3) for k in figures["first"]}
    return {"shows": len(shows), "seconds": len(shows[0][1]) / 8, **figures, "lastOverFirst": change}


def switch(net, codec, probe, pairs, sigmas=SIGMAS, seed=70):
    """Words of the new prompt recognised k chunks after a switch, with and without re-cache, and the jump at the border."""
    keys = ("place", "time", "weather", "style")
    out = {}
    for recache in (True, False):
        right, asked, jump, usual = np.zeros(4), 0, [], []
        for i, (before, after) in enumerate(pairs):
            stream = Stream(net.step, hidden_of(net, sentence(before)), seed + i, sigmas)
            latents = [stream.advance() for _ in range(5)]
            stream.switch(hidden_of(net, sentence(after)), recache)
            latents += [stream.advance() for _ in range(5)]
            pictures = decode(codec, torch.cat(latents)).astype(np.float32)
            step = np.abs(np.diff(pictures, axis=0)).mean((1, 2, 3))
            jump.append(step[14])
            usual.append(np.median(step[:14]))
            changed = [key for key in keys if before[key] != after[key]]
            asked += len(changed)
            for k in range(4):
                frames = pictures[15 + 3 * k:][[0, 2, 5]].astype(np.uint8)
                with torch.no_grad():
                    logits = probe(torch.from_numpy(half(frames)[None]).float() / 127.5 - 1)
                right[k] += sum(CHOICES[key][int(logits[key].argmax())] == after[key] for key in changed)
        out["recache" if recache else "keep"] = {"changedWords": asked, "rightAfterChunks": [round(float(r) / asked, 3) for r in right],
                                                 "borderJump": round(float(np.mean(jump)), 2), "usualStep": round(float(np.mean(usual)), 2)}
    return out


def diversity(net, codec, attributes, seeds=4, sigmas=SIGMAS):
    """Standard deviation over seeds, model against world, in grey levels."""
    shows = roll_many(net, [sentence(attributes)] * seeds, range(seeds), 2, sigmas)
    made = decode(codec, shows[:, -1]).astype(np.float32)
    real = np.stack([render(attributes, s, [5])[0] for s in range(seeds)]).astype(np.float32)
    return round(float(made.std(0).mean()), 2), round(float(real.std(0).mean()), 2)

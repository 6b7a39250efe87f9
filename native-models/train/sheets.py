"""Sample sheets and the loss curve, drawn with PIL."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from looks.mood import MODIFIERS, PALETTES, WEATHERS
from looks.teacher import FILTERS
from sampling import animate
from stages.codec import to_tensor

LIMIT = 300_000


def to_pixels(image):
    """[B, 3, H, W] in -1..1 -> uint8 [B, H, W, 3]."""
    return ((image.clamp(-1, 1) + 1) * 127.5 + 0.5).byte().permute(0, 2, 3, 1).numpy()


def save(rows, labels, path, tile=192):
    """Write rows of uint8 pictures with a label under each, at most 300 kB of JPEG."""
    line = 14
    sheet = Image.new("RGB", (tile * len(rows[0]), (tile + line) * len(rows)), (20, 17, 15))
    draw = ImageDraw.Draw(sheet)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            sheet.paste(Image.fromarray(picture).resize((tile, tile), Image.LANCZOS), (c * tile, r * (tile + line)))
            draw.text((c * tile + 4, r * (tile + line) + tile + 1), labels[r][c], fill=(243, 236, 228))
    for quality in (88, 80, 70, 60, 50):
        sheet.save(path, quality=quality, optimize=True)
        if Path(path).stat().st_size <= LIMIT:
            return


def grid(net, codec, pictures, prompts, path, columns, strength=1.0, steps=1, seeds=None, tile=192):
    """One picture per prompt (pictures are cycled), the first tile being the input."""
    inputs = [pictures[i % len(pictures)] for i in range(len(prompts))]
    made = []
    for part in range(0, len(prompts), 8):
        chosen = slice(part, part + 8)
        seed = (seeds or list(range(len(prompts))))[chosen]
        made += list(to_pixels(animate(net, codec, to_tensor(np.stack(inputs[chosen])), prompts[chosen], strength, seed, steps)))
    tiles, labels = [pictures[0]] + made, ["input"] + prompts
    while len(tiles) % columns:
        tiles.append(np.zeros_like(tiles[0]))
        labels.append("")
    cut = lambda items: [items[i:i + columns] for i in range(0, len(items), columns)]
    save(cut(tiles), cut(labels), path, tile)


def sample_sheets(net, codec, faces, frames, folder):
    """Every look on film and on portraits, moods, blends of words, seeds and strengths."""
    looks, moods = list(FILTERS), list(PALETTES) + list(WEATHERS) + list(MODIFIERS)
    frame = [frames[len(frames) // 2]]
    grid(net, codec, frame, looks, folder / "film-looks.jpg", 6)
    grid(net, codec, frame, moods, folder / "film-moods.jpg", 5)
    grid(net, codec, faces, looks, folder / "portrait-looks.jpg", 6)
    mixed = ["watercolour dusk", "neon rain", "oil golden snow", "comic candy", "ink night", "papercut ice fog", "bronze embers",
             "sketch sepia", "mosaic vivid", "blueprint crimson", "poster forest", "synthwave snow", "oil warm soft", "halftone teal"]
    grid(net, codec, faces[1:] + frame, mixed, folder / "mixed-prompts.jpg", 5)
    rows, labels = [], []
    for prompt in ("oil snow", "watercolour", "comic"):
        image = to_tensor(np.stack(frame * 6))
        strengths = [float(s) for s in (0.2, 0.4, 0.6, 0.8, 1.0)]
        rows.append([to_pixels(animate(net, codec, image[:1], [prompt], s, [1]))[0] for s in strengths]
                    + [to_pixels(animate(net, codec, image[:1], [prompt], 1.0, [2]))[0]])
        labels.append([f"{prompt}, strength {s}" for s in strengths] + ["strength 1, another seed"])
    save(rows, labels, folder / "strength-and-seed.jpg")


def loss_curve(folder, path):
    """The logged losses of codec, animate and distillation, log scale, one strip each."""
    width, height = 900, 170
    strips = []
    for name in ("codec", "animate", "distilled", "judge"):
        log = Path(folder) / f"{name}.log.jsonl"
        if not log.exists():
            continue
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        loss = np.array([r["loss"] for r in rows])
        steps = np.array([r["step"] for r in rows])
        image = Image.new("RGB", (width, height), (255, 255, 255))
        draw = ImageDraw.Draw(image)
        low, high = np.log(loss.min()), np.log(loss.max()) + 1e-6
        points = [(50 + (s / steps[-1]) * (width - 60), 20 + (high - np.log(v)) / (high - low + 1e-9) * (height - 40)) for s, v in zip(steps, loss)]
        draw.line(points, fill=(180, 90, 0), width=2)
        draw.text((52, 4), f"{name}: {steps[-1]} steps, {rows[-1]['seconds'] / 60:.0f} min, loss {loss[0]:.3f} -> {np.mean(loss[-5:]):.3f} (log scale)", fill=(0, 0, 0))
        draw.text((4, 18), f"{loss.max():.3f}", fill=(90, 90, 90))
        draw.text((4, height - 26), f"{loss.min():.3f}", fill=(90, 90, 90))
        strips.append(np.asarray(image))
    Image.fromarray(np.concatenate(strips)).save(path, optimize=True)

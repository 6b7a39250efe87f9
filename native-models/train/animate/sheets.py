"""Sample sheets of the animate model."""

import numpy as np

from animate.looks.mood import MODIFIERS, PALETTES, WEATHERS
from animate.looks.teacher import FILTERS
from animate.sampling import animate
from animate.stages.codec import to_tensor
from shared.sheets import save, to_pixels


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

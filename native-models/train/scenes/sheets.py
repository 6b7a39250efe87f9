"""Contact sheets of the card: prompts, a minute, a switch, seeds."""

import numpy as np
import torch
from PIL import Image, ImageDraw

from scenes.codec import decode
from scenes.evaluate import hidden_of, roll_many
from scenes.rollout import Stream
from scenes.world.clips import sentence

LIMIT, LINE = 300_000, 16
PROMPTS = (
    "mountains day clear", "mountains dawn fog", "mountains night snow", "mountains dusk neon",
    "sea dusk clear white boat", "sea day clear flat", "sea night rain", "sea dawn pixel",
    "city night clear", "city dusk neon", "city day rain sketch", "city dawn snow",
    "desert day clear red balloon", "desert dusk clear", "desert night neon", "desert dawn fog flat",
    "mountains day sketch", "sea dusk neon", "city night rain pixel", "desert day snow")


def write(rows, labels, path, tile=(256, 128)):
    """Rows of uint8 pictures, a label under each, at most 300 kB of JPEG."""
    wide, high = tile
    sheet = Image.new("RGB", (wide * len(rows[0]), (high + LINE) * len(rows)), (20, 17, 15))
    draw = ImageDraw.Draw(sheet)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            sheet.paste(Image.fromarray(picture).resize(tile, Image.LANCZOS), (c * wide, r * (high + LINE)))
            draw.text((c * wide + 5, r * (high + LINE) + high + 2), labels[r][c], fill=(243, 236, 228))
    for quality in (90, 82, 74, 64, 54):
        sheet.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= LIMIT:
            return


def prompts(net, codec, path):
    """Many prompts, three seconds into each show."""
    pictures = list(decode(codec, roll_many(net, PROMPTS, range(10, 10 + len(PROMPTS)), 8)[:, -1]))
    write([pictures[i:i + 4] for i in range(0, len(pictures), 4)], [list(PROMPTS[i:i + 4]) for i in range(0, len(pictures), 4)], path)


def minute(codec, path, shows):
    """A minute of some shows [(attributes, latents)], a picture every ten seconds."""
    rows, labels = [], []
    for attributes, latents in shows:
        at = [0] + [80 * k - 1 for k in range(1, 7)]
        rows.append(list(decode(codec, latents[at])))
        labels.append([sentence(attributes)[:30]] + [f"{10 * k} s" for k in range(1, 7)])
    write(rows, labels, path, (192, 96))


@torch.no_grad()
def switched(net, codec, path, before="mountains day clear", after="city night clear"):
    """A prompt switch with and without KV re-cache, every third frame."""
    rows, labels = [], []
    for recache in (True, False):
        stream = Stream(net.step, hidden_of(net, before), 50)
        latents = [stream.advance() for _ in range(4)]
        stream.switch(hidden_of(net, after), recache)
        latents += [stream.advance() for _ in range(4)]
        at = [8, 11, 12, 13, 14, 17, 20, 23]
        rows.append(list(decode(codec, torch.cat(latents)[at])))
        labels.append([("with" if recache else "without") + f" re-cache, frame {f - 12:+d}" for f in at])
    write([row[k:k + 4] for row in rows for k in (0, 4)], [label[k:k + 4] for label in labels for k in (0, 4)], path)


def seeds(net, codec, path, shown=("mountains dusk clear", "sea day clear boat", "city night rain")):
    """The same prompts with four seeds."""
    write([list(decode(codec, roll_many(net, [p] * 4, range(60, 64), 4)[:, -1])) for p in shown],
          [[f"{p}, seed {60 + s}" for s in range(4)] for p in shown], path)


def sheets(net, codec, folder, shows):
    """Every sheet."""
    prompts(net, codec, folder / "prompts.jpg")
    minute(codec, folder / "minute.jpg", shows)
    switched(net, codec, folder / "switch.jpg")
    seeds(net, codec, folder / "seeds.jpg")

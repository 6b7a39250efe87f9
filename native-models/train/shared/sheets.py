"""Sample sheets and loss curves, drawn with PIL."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

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


def curve(rows, keys, path):
    """What `rows` say under `keys` over their `step`, one strip each, linear scale."""
    width, height, strips = 900, 170, []
    steps = np.array([row["step"] for row in rows])
    for key in keys:
        values = np.array([row[key] for row in rows])
        low, high = values.min(), values.max() + 1e-9
        image = Image.new("RGB", (width, height), (255, 255, 255))
        draw = ImageDraw.Draw(image)
        points = [(60 + s / max(1, steps[-1]) * (width - 70), 20 + (high - v) / (high - low) * (height - 40)) for s, v in zip(steps, values)]
        draw.line(points, fill=(180, 90, 0), width=2)
        draw.text((62, 4), f"{key} over {steps[-1]} steps, {rows[-1]['minutes']:.0f} min: {values[0]:.3f} -> {values[-1]:.3f}", fill=(0, 0, 0))
        draw.text((4, 18), f"{high:.3f}", fill=(90, 90, 90))
        draw.text((4, height - 26), f"{low:.3f}", fill=(90, 90, 90))
        strips.append(np.asarray(image))
    Image.fromarray(np.concatenate(strips)).save(path, optimize=True)


def loss_curve(folder, path, stages):
    """The logged losses of the named stages, log scale, one strip each."""
    width, height = 900, 170
    strips = []
    for name in stages:
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

"""Spectrograms of truth, start and the net's render, left and right, drawn with PIL."""

import numpy as np
from PIL import Image, ImageDraw

from binaural import metrics

RANGE_DB, HIGHEST_HZ, HEIGHT = 80, 16_000, 150
LIMIT = 300_000
RAMP = np.array([(0, 0, 0), (40, 10, 70), (140, 30, 80), (220, 90, 40), (250, 190, 80), (255, 255, 230)], float)


def picture(wave, top):
    """uint8 [HEIGHT, T, 3] of one channel, RANGE_DB below `top`."""
    size = np.abs(metrics.frames(np.stack([wave, wave]))[0])
    level = np.clip(1 + 20 * np.log10(np.maximum(size, 1e-9) / top) / RANGE_DB, 0, 1).T[metrics.HZ <= HIGHEST_HZ]
    tall = np.asarray(Image.fromarray(level.astype(np.float32)).resize((level.shape[1] * 2, HEIGHT), Image.BILINEAR))[::-1]
    place = np.clip(tall, 0, 1) * (len(RAMP) - 1)
    low = np.minimum(place.astype(int), len(RAMP) - 2)
    share = (place - low)[..., None]
    return (RAMP[low] * (1 - share) + RAMP[low + 1] * share).astype(np.uint8)


def write(columns, path):
    """columns: [(title, {row name: [2, N]})]; every row gives a left and a right strip; at most 300 kB."""
    drawn = []
    for title, rows in columns:
        top = max(np.abs(metrics.frames(wave)).max() for wave in rows.values())
        strips = [(f"{name}, {ear}", picture(wave[k], top)) for name, wave in rows.items() for k, ear in enumerate(("left", "right"))]
        width = strips[0][1].shape[1]
        sheet = Image.new("RGB", (width + 6, 16 + (HEIGHT + 16) * len(strips)), (20, 17, 15))
        draw = ImageDraw.Draw(sheet)
        draw.text((3, 2), f"{title}; 0 to {HIGHEST_HZ // 1000} kHz, {RANGE_DB} dB", fill=(255, 255, 255))
        for k, (name, strip) in enumerate(strips):
            draw.text((3, 18 + k * (HEIGHT + 16)), name, fill=(243, 236, 228))
            sheet.paste(Image.fromarray(strip), (3, 32 + k * (HEIGHT + 16)))
        drawn.append(sheet)
    whole = Image.new("RGB", (sum(s.width for s in drawn), max(s.height for s in drawn)), (20, 17, 15))
    left = 0
    for sheet in drawn:
        whole.paste(sheet, (left, 0))
        left += sheet.width
    for colours in (256, 96, 48, 24):
        whole.quantize(colours).save(path, optimize=True)
        if path.stat().st_size <= LIMIT:
            return

"""Subjects with clear silhouettes, drawn by signed distances on a small patch."""

import numpy as np

from .palette import COLOURS, colour

HALF = 30
Y, X = np.mgrid[-HALF:HALF, -HALF:HALF].astype(np.float32) + 0.5


def soft(distance):
    """Coverage 0..1 of a shape whose distance is negative inside."""
    return np.clip(0.5 - distance, 0, 1)


def circle(x, y, r, wide=1.0):
    return np.hypot((X - x) / wide, Y - y) - r


def box(x, y, w, h):
    return np.maximum(np.abs(X - x) - w, np.abs(Y - y) - h)


def balloon(phase):
    """(mask, tint, is paint) layers: envelope with bands, ropes, basket."""
    hull = np.maximum(circle(0, -6, 18), -1e3)
    taper = np.maximum(np.abs(X) - (15 - 0.8 * (Y - 6)), np.maximum(4 - Y, Y - 18))
    body = soft(np.minimum(hull, taper))
    band = body * (np.sin(X * 0.5) > 0) * np.float32(0.55)
    return [(body, 1.0, True), (band, 0.55, True), (soft(box(0, 24, 4.5, 3.5)), (0.36, 0.22, 0.12), False)]


def bird(phase):
    flap = np.float32(np.sin(phase * 2 * np.pi))
    wing = soft(np.abs(Y + 2 - flap * (np.abs(X) * 0.55 - 6) + 0.012 * X * X) - (4.6 - 0.15 * np.abs(X))) * (np.abs(X) < 28)
    return [(wing, 1.0, True), (soft(circle(0, 0, 4.5, 2.2)), 0.85, True), (soft(circle(10, -2, 3.2)), 0.7, True)]


def boat(phase):
    hull = np.maximum(np.abs(X) - (20 - 0.8 * (Y - 12)), np.maximum(12 - Y, Y - 21))
    sail = np.maximum(np.maximum(-X + 2, Y - 8), X - 2 - (Y + 24) * 0.55)
    jib = np.maximum(np.maximum(X + 1, Y - 8), -X - 1 - (Y + 16) * 0.5)
    return [(soft(box(0.5, -7, 1.0, 18)), (0.30, 0.20, 0.14), False), (soft(hull), (0.45, 0.25, 0.15), False),
            (soft(sail), 1.0, True), (soft(jib), 0.75, True)]


def robot(phase):
    step = np.float32(3 * np.sin(phase * 2 * np.pi))
    legs = np.minimum(box(-6, 20, 3, 7 + step * 0.4), box(6, 20, 3, 7 - step * 0.4))
    return [(soft(legs), 0.6, True), (soft(box(0, 4, 13, 10)), 1.0, True), (soft(box(0, -14, 10, 7)), 0.9, True),
            (soft(np.minimum(circle(-4, -14, 2.6), circle(4, -14, 2.6))), (0.99, 0.98, 0.85), False),
            (soft(box(0, -24, 0.9, 4)), 0.5, True), (soft(circle(0, -27, 2.2)), (1.0, 0.85, 0.4), False)]


def lantern(phase):
    glow = np.exp(-np.hypot(X, Y) ** 2 / 260).astype(np.float32) * 0.75
    body = soft(circle(0, 0, 13, 0.85))
    heart = np.exp(-(X ** 2 + (Y - 3) ** 2) / 60).astype(np.float32) * body
    return [(glow, 1.0, True), (body, 1.0, True), (heart, (1.0, 0.96, 0.75), False),
            (soft(np.minimum(box(0, -14, 5, 1.6), box(0, 14, 5, 1.6))), (0.25, 0.14, 0.12), False)]


DRAWN = {"balloon": balloon, "bird": bird, "boat": boat, "robot": robot, "lantern": lantern}


def paint(image, subject, hue, x, y, phase, light):
    """Draw a subject on image [3, H, W] with its centre at (x, y) pixels; parts outside are cut."""
    left, top = int(np.floor(x)) - HALF, int(np.floor(y)) - HALF
    height, width = image.shape[1:]
    r0, r1, c0, c1 = max(0, top), min(height, top + 2 * HALF), max(0, left), min(width, left + 2 * HALF)
    if r0 >= r1 or c0 >= c1:
        return
    inside = (slice(r0 - top, r1 - top), slice(c0 - left, c1 - left))
    glows = subject == "lantern"
    lit = colour(np.ones(3)) if glows else 0.35 + 0.65 * colour(light)
    shade = 1.0 if glows else np.clip(1.02 - 0.012 * X - 0.006 * Y, 0.6, 1.25)[None][:, inside[0], inside[1]]
    part = image[:, r0:r1, c0:c1]
    for mask, tint, painted in DRAWN[subject](phase):
        own = colour(COLOURS[hue]) * tint if painted else colour(tint)
        m = mask[inside]
        part += m * (np.clip(own * lit * shade, 0, 1) - part)

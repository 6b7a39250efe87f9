"""Colours of the scenes: sky by time of day, ground by place, change by weather."""

import numpy as np

COLOURS = {
    "red": (0.90, 0.16, 0.15), "orange": (0.98, 0.52, 0.10), "yellow": (0.99, 0.86, 0.18), "green": (0.20, 0.74, 0.28),
    "teal": (0.08, 0.72, 0.70), "blue": (0.16, 0.36, 0.93), "violet": (0.62, 0.26, 0.88), "white": (0.97, 0.97, 0.95)}
# top of the sky, middle, horizon, light falling on things, the sun's or moon's own colour
TIMES = {
    "dawn": ((0.40, 0.50, 0.80), (0.80, 0.68, 0.82), (1.00, 0.78, 0.66), (0.86, 0.76, 0.84), (1.00, 0.92, 0.78)),
    "day": ((0.16, 0.48, 0.90), (0.45, 0.74, 0.97), (0.84, 0.94, 1.00), (1.00, 1.00, 0.98), (1.00, 0.98, 0.86)),
    "dusk": ((0.20, 0.10, 0.38), (0.72, 0.24, 0.42), (1.00, 0.56, 0.22), (0.70, 0.46, 0.52), (1.00, 0.80, 0.38)),
    "night": ((0.015, 0.025, 0.10), (0.05, 0.08, 0.24), (0.12, 0.20, 0.42), (0.24, 0.29, 0.50), (0.93, 0.95, 1.00))}
GROUNDS = {"mountains": ((0.36, 0.46, 0.62), (0.10, 0.30, 0.20)), "sea": ((0.34, 0.46, 0.56), (0.05, 0.28, 0.40)),
           "city": ((0.42, 0.46, 0.60), (0.12, 0.13, 0.22)), "desert": ((0.86, 0.62, 0.48), (0.80, 0.46, 0.20))}


def colour(value):
    """A colour as [3, 1, 1] float32."""
    return np.asarray(value, np.float32).reshape(3, 1, 1)


def sky_of(time, weather, rng):
    """(top, middle, horizon, light, sun) of a sky, each [3], a little different for each seed."""
    top, middle, horizon, light, sun = (np.asarray(c, np.float32) for c in TIMES[time])
    jitter = lambda c, size: np.clip(c * (1 + rng.uniform(-size, size, 3)).astype(np.float32), 0, 1)
    top, middle, horizon = jitter(top, 0.12), jitter(middle, 0.10), jitter(horizon, 0.06)
    bright = float(light.mean())
    if weather == "rain":
        grey = np.asarray((0.34, 0.40, 0.47), np.float32) * (0.25 + 0.75 * bright)
        top, middle, horizon, light = (0.35 * c + 0.65 * grey * k for c, k in ((top, 0.7), (middle, 0.95), (horizon, 1.25), (light, 1.1)))
    elif weather == "snow":
        pale = np.asarray((0.74, 0.82, 0.92), np.float32) * (0.20 + 0.80 * bright)
        top, middle, horizon = (0.5 * c + 0.5 * pale * k for c, k in ((top, 0.8), (middle, 0.95), (horizon, 1.08)))
    elif weather == "fog":
        veil = 0.55 * horizon + 0.45 * np.asarray((0.80, 0.83, 0.86), np.float32) * (0.25 + 0.75 * bright)
        top, middle, horizon = 0.55 * top + 0.45 * veil, 0.35 * middle + 0.65 * veil, veil
    return top, middle, np.clip(horizon, 0, 1), light, sun

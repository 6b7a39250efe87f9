"""The parametric render: the exact reference of what the programme renders itself (float64).

Woodworth's delays per ear, Brown and Duda's one-pole head shadow, six image sources of
first order and an eight-line feedback delay network. Formulas and order of operations
stand in contracts/binaural.md; the TypeScript twin is held against vectors made here.
"""

import numpy as np
from scipy.signal import lfilter

from binaural.geometry import Room, images, inside

RATE, BLOCK, SPEED, RADIUS = 48_000, 128, 343.0, 0.0875
BASE_DELAY, NEAREST, RING = 2.0, 0.2, 8192
BETA = 2 * SPEED / RADIUS
MATCHED_HZ = 5_000.0
WARP = 2 * np.pi * MATCHED_HZ / np.tan(np.pi * MATCHED_HZ / RATE)
POLE = (BETA - WARP) / (BETA + WARP)
ALPHA_MIN, THETA_MIN = 0.1, 150.0
WALL_HZ, TAIL_HZ = 8_000.0, 14_000.0
TAIL_START = 0.02
LINES = (1031, 1327, 1523, 1801, 2053, 2311, 2539, 2803)
TAIL_LEFT = np.array([1, 1, -1, -1, 1, 1, -1, -1.0])
TAIL_RIGHT = np.array([1, -1, -1, 1, 1, -1, -1, 1.0])


def one_pole(hertz):
    """k of y += k (x - y)."""
    return 1 - np.exp(-2 * np.pi * hertz / RATE)


def ear_angles(vectors):
    """Angles [.., 2] in rad between a direction [.., 3] and the left (+y) and right (-y) ear's axis."""
    side = vectors[..., 1] / np.maximum(np.linalg.norm(vectors, axis=-1), 1e-9)
    return np.arccos(np.clip(np.stack([side, -side], -1), -1, 1))


def ear_delay(theta):
    """Woodworth's delay of an ear in s, 0 (source on the ear's axis) and more."""
    return RADIUS / SPEED * (1 + np.where(theta < np.pi / 2, -np.cos(theta), theta - np.pi / 2))


def shadow(theta):
    """Brown and Duda's head shadow (b0, b1), the pole being POLE for every angle."""
    alpha = 1 + ALPHA_MIN / 2 + (1 - ALPHA_MIN / 2) * np.cos(theta * np.pi / np.radians(THETA_MIN))
    return (BETA + alpha * WARP) / (BETA + WARP), (BETA - alpha * WARP) / (BETA + WARP)


def paths(positions, room):
    """Of positions [K, 3]: delays in samples, B0 and B1, each [7, K, 2]; the direct path first."""
    found = images(inside(positions, room), room, 1)
    direct = np.linalg.norm(found[0][0], axis=-1)
    delays, first, second = [], [], []
    for place, wall in found:
        far, theta = np.linalg.norm(place, axis=-1), ear_angles(place)
        gain = (wall / np.maximum(far, NEAREST))[:, None]
        b0, b1 = shadow(theta)
        delays.append(BASE_DELAY + RATE * ((far - direct)[:, None] / SPEED + ear_delay(theta)))
        first.append(gain * b0)
        second.append(gain * b1)
    return np.array(delays), np.array(first), np.array(second)


def lagrange(signal, delay):
    """signal delayed by delay[n] samples (at least 1), third-order Lagrange; zero before its start."""
    n = np.arange(len(signal))
    base = np.floor(delay).astype(np.int64) - 1
    d = delay - base
    taps = (-(d - 1) * (d - 2) * (d - 3) / 6, d * (d - 2) * (d - 3) / 2, -d * (d - 1) * (d - 3) / 2, d * (d - 1) * (d - 2) / 6)
    padded = np.concatenate([np.zeros(RING), signal])
    return sum(h * padded[RING + n - base - k] for k, h in enumerate(taps))


def per_sample(values, count):
    """Values at block ends [K + 1, ..] (the first: before block 0) as lines between them, [count, ..]."""
    block, step = np.divmod(np.arange(count), BLOCK)
    share = ((step + 1) / BLOCK).reshape(-1, *([1] * (values.ndim - 1)))
    return values[block] + (values[block + 1] - values[block]) * share


def early(mono, positions, room):
    """The direct path and the first six images: [2, N]."""
    delays, first, second = paths(positions, room)
    direct, walls = np.zeros((2, len(mono))), np.zeros((2, len(mono)))
    for path in range(len(delays)):
        into = walls if path else direct
        for ear in range(2):
            late = lagrange(mono, per_sample(delays[path, :, ear], len(mono)))
            before = np.concatenate([[0.0], late[:-1]])
            into[ear] += per_sample(first[path, :, ear], len(mono)) * late + per_sample(second[path, :, ear], len(mono)) * before
    k = one_pole(WALL_HZ)
    return lfilter([1], [1, POLE], direct + lfilter([k], [1, k - 1], walls))


def hadamard(v):
    """Sylvester's Hadamard matrix of eight times v [8, ..], over sqrt(8)."""
    for half in (1, 2, 4):
        v = v.reshape(4 // half, 2, half, *v.shape[1:]) if v.ndim == 2 else v
        v = np.stack([v[:, 0] + v[:, 1], v[:, 0] - v[:, 1]], 1).reshape(8, -1)
    return v / np.sqrt(8)


def tail_gains(room):
    """(gain of each line, gain of the output)."""
    gains = 10 ** (-3 * np.array(LINES) / (RATE * room.rt60))
    energy = 16 * np.pi / room.room_constant * 10 ** (-6 * TAIL_START / room.rt60)
    return gains, np.sqrt(energy * (1 - np.mean(gains**2)))


def tail(mono, room):
    """The diffuse tail of the room: [2, N]. Linear, and the same wherever the source is."""
    gains, level = tail_gains(room)
    k, count = one_pole(TAIL_HZ), len(mono)
    rings, states = np.zeros((8, max(LINES) + count)), np.zeros((8, 1))
    start, heard = max(LINES), np.zeros((8, count))
    for n in range(0, count, min(LINES)):
        step = min(min(LINES), count - n)
        out = np.stack([rings[i, start + n - m:start + n - m + step] for i, m in enumerate(LINES)])
        soft, states = lfilter([k], [1, k - 1], out, axis=1, zi=states)
        rings[:, start + n:start + n + step] = mono[n:n + step] / np.sqrt(8) + hadamard(soft * gains[:, None])
        heard[:, n:n + step] = out
    return level * np.stack([TAIL_LEFT @ heard, TAIL_RIGHT @ heard])


def render(mono, positions, room=Room()):
    """The whole parametric render [2, N] (left, right) of mono [N].

    positions [K + 1, 3]: before block 0 and at the end of each of the K blocks of 128
    that cover the signal.
    """
    mono, positions = np.asarray(mono, np.float64), np.asarray(positions, np.float64)
    return early(mono, positions, room) + tail(mono, room)

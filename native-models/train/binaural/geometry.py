"""Coordinates, rooms and image sources, shared by the parametric render and the measured-head truth.

Positions are metres in the listener's frame: x front, y left, z up, the head's centre
at the origin; azimuth is counter-clockwise, +90 degrees is left. A room is a shoebox
whose axes are the listener's.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

MARGIN = 0.1
SABINE = 0.161


@dataclass(frozen=True)
class Room:
    """size: x, y, z in m; absorption: of the walls x0, x1, y0, y1, z0 (floor), z1 (ceiling); listener: from the corner."""

    size: tuple = (5.0, 4.0, 2.8)
    absorption: tuple = (0.35, 0.35, 0.35, 0.35, 0.25, 0.5)
    listener: tuple = (2.1, 1.8, 1.2)

    @property
    def surfaces(self):
        """m^2 of the six walls."""
        x, y, z = self.size
        return np.array([y * z, y * z, x * z, x * z, x * y, x * y])

    @property
    def absorbed(self):
        """Sabine's absorbing surface, m^2."""
        return float(self.surfaces @ np.array(self.absorption))

    @property
    def rt60(self):
        """Sabine's reverberation time, s."""
        return SABINE * float(np.prod(self.size)) / self.absorbed

    @property
    def room_constant(self):
        """S a / (1 - a) of the mean absorption a, m^2."""
        total = float(self.surfaces.sum())
        return self.absorbed / (1 - self.absorbed / total)


def direction(azimuth, elevation=0.0):
    """Unit vector of an azimuth and elevation in degrees."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.stack([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e) * np.ones_like(a)], -1)


def inside(positions, room):
    """Positions [K, 3] moved into the room, MARGIN from its walls."""
    listener, size = np.array(room.listener), np.array(room.size)
    return np.clip(positions + listener, MARGIN, size - MARGIN) - listener


def images(positions, room, order):
    """Image sources of positions [K, 3] that are inside the room: [([K, 3], gain)].

    The direct path first, then by rising order; within order 1: x0, x1, y0, y1, z0, z1.
    The gain is the product of the walls' sqrt(1 - absorption); distance is not in it
    (Allen and Berkley, 1979).
    """
    listener, size = np.array(room.listener), np.array(room.size)
    reflect = np.sqrt(1 - np.array(room.absorption))
    found = []
    cells = range(-order, order + 1)
    for n in product(cells, cells, cells):
        hits = sum(abs(v) for v in n)
        if hits > order:
            continue
        gain, place = 1.0, np.empty_like(np.asarray(positions, float))
        for axis, v in enumerate(n):
            s = positions[:, axis] + listener[axis]
            # Cell v of the mirrored rooms: even cells repeat the room, odd ones mirror it.
            mirrored = size[axis] - s if v % 2 else s
            place[:, axis] = v * size[axis] + mirrored - listener[axis]
            first, last = (abs(v) + 1) // 2, abs(v) // 2
            low, high = (first, last) if v < 0 else (last, first)
            gain *= reflect[2 * axis] ** low * reflect[2 * axis + 1] ** high
        found.append((hits, _rank(n), place, gain))
    found.sort(key=lambda f: f[:2])
    return [(place, gain) for _, _, place, gain in found]


def _rank(n):
    """x before y before z, the wall at 0 before the far one."""
    return tuple((-abs(v), v) for v in n)

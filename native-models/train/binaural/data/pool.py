"""Training clips on disk: the parametric render, the measured-head truth and the poses of 256 frames."""

import json
from pathlib import Path

import numpy as np

from binaural import parametric
from binaural.data import truth, voices
from binaural.geometry import Room, direction, inside

FRAMES, WARM = 256, 96
BLOCK, RATE = parametric.BLOCK, parametric.RATE
SECTORS = ((20, 35), (-80, -65), (125, 140), (-160, -145))  # azimuths kept out of training, at every height
SPEECH_TRACKS, TRACK_SECONDS = 48, 14


def kept_out(azimuth):
    """Whether an azimuth in degrees lies in a held-out sector (mirrored, as training mirrors clips)."""
    turned = (np.asarray(azimuth) + 180) % 360 - 180
    return np.any([(turned >= low) & (turned <= high) | (-turned >= low) & (-turned <= high) for low, high in SECTORS], axis=0)


def random_room(rng):
    """A room of 3 to 9 m, or the default one in three of ten."""
    if rng.random() < 0.3:
        return Room()
    while True:
        size = rng.uniform((3, 3, 2.4), (9, 7, 4))
        absorption = np.clip(rng.uniform(0.15, 0.6) + rng.uniform(-0.1, 0.15, 6), 0.1, 0.75)
        listener = np.append(rng.uniform(0.8, size[:2] - 0.8), rng.uniform(1.1, 1.7))
        room = Room(tuple(size), tuple(absorption), tuple(listener))
        if room.rt60 < 0.8:
            return room


def path(rng, blocks, room, moving, wanted):
    """Positions [blocks + 1, 3] in the room whose azimuths all satisfy wanted(azimuth)."""
    while True:
        azimuth, height = rng.uniform(-180, 180), np.degrees(np.arcsin(rng.uniform(-0.6, 0.95)))
        height = height if rng.random() < 0.5 else 0.4 * height
        far, t = np.exp(rng.uniform(np.log(0.4), np.log(3.2))), np.linspace(0, 1, blocks + 1)
        if moving:
            sweep, climb, away = rng.uniform(-100, 100), rng.uniform(-20, 20), rng.uniform(0.7, 1.4)
            positions = direction(azimuth + sweep * t, np.clip(height + climb * t, -40, 85)) * (far * away**t)[:, None]
        else:
            positions = np.repeat(direction(azimuth, height)[None] * far, blocks + 1, 0)
        positions = inside(positions, room)
        heard = np.degrees(np.arctan2(positions[:, 1], positions[:, 0]))
        if wanted(heard) and np.linalg.norm(positions, axis=1).min() > 0.25:
            return positions


def poses(positions):
    """[K, 4] of block ends: unit vector, distance."""
    far = np.linalg.norm(positions, axis=1, keepdims=True)
    return np.concatenate([positions / far, far], 1).astype(np.float32)


def clip(mono, positions, room, rng, moving):
    """(start [2, N], truth [2, N], pose [F, 4]) of mono with WARM frames before it, which are cut off."""
    cut = WARM * BLOCK
    start = parametric.render(mono, positions, room)[:, cut:]
    heard = truth.render(mono, positions, room, rng, moving)[:, cut:]
    return start, heard, poses(positions[1 + WARM:])


def fill(folder, minutes, part=0, seed=1):
    """Write pool parts of 100 clips until the minutes are over; processes take different `part` numbers."""
    import time
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng, begun, count = np.random.default_rng((seed, part)), time.time(), 0
    tracks = [voices.track(rng, TRACK_SECONDS) for _ in range(SPEECH_TRACKS)]
    length = (FRAMES + WARM) * BLOCK
    while time.time() - begun < minutes * 60:
        starts, truths, places = [], [], []
        while len(starts) < 100:
            room, moving = random_room(rng), rng.random() < 0.3
            positions = path(rng, FRAMES + WARM, room, moving, lambda a: not kept_out(a).any())
            if rng.random() < 0.75:
                said = tracks[rng.integers(len(tracks))]
                begin = rng.integers(0, len(said) - length)
                mono = said[begin:begin + length]
            else:
                mono = voices.bursts(rng, length)
            start, heard, pose = clip(mono * 10 ** rng.uniform(-0.6, 0.4), positions, room, rng, moving)
            starts.append(start.astype(np.float16))
            truths.append(heard.astype(np.float16))
            places.append(pose)
        name = folder / f"part.{part}.{count}"
        np.savez(f"{name}.new.npz", start=np.stack(starts), truth=np.stack(truths), pose=np.stack(places))
        Path(f"{name}.new.npz").rename(f"{name}.npz")
        count += 1
        print(json.dumps({"part": part, "clips": 100 * count, "seconds": round(time.time() - begun)}), flush=True)

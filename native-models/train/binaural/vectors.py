"""contracts/binaural-vectors.json: golden values of the parametric render and the transform."""

import numpy as np

from binaural import parametric, spectra
from binaural.geometry import Room, direction, images
from shared import philox
from shared.export import ROOT, write_json

COUNT, EVERY = 4096, 16
AZIMUTHS, ILD_AZIMUTHS, ILD_HZ = (15, 30, 45, 60, 90), (30, 60, 90), (500, 1000, 4000, 8000)
OTHER = Room((6.4, 5.1, 3.0), (0.2, 0.3, 0.25, 0.4, 0.15, 0.6), (3.5, 2.2, 1.6))


def itd_us(azimuth):
    """The right ear's delay less the left one's."""
    left, right = parametric.ear_delay(parametric.ear_angles(direction(azimuth)))
    return (right - left) * 1e6


def ild_db(azimuth, hertz):
    """The left ear's level over the right one's, of the head shadow alone."""
    z = np.exp(-2j * np.pi * np.asarray(hertz) / parametric.RATE)
    b0, b1 = parametric.shadow(parametric.ear_angles(direction(azimuth)))
    level = [20 * np.log10(np.abs(b0[ear] + b1[ear] * z)) for ear in range(2)]
    return level[0] - level[1]


def digits(values):
    """JSON numbers of nine significant digits."""
    return [float(f"{v:.9g}") for v in np.ravel(values)]


def checks(signal):
    """Of one channel: sum, sum of magnitudes, sum of squares, and the sum weighted with n / N."""
    n = np.arange(len(signal)) / len(signal)
    return digits([signal.sum(), np.abs(signal).sum(), (signal**2).sum(), (signal * n).sum()])


def sparse(channels):
    """Every 16th sample of left and right, and their sums."""
    return {"every": EVERY, "left": digits(channels[0][::EVERY]), "right": digits(channels[1][::EVERY]),
            "sums": ["x", "|x|", "x^2", "x n / N"], "leftSums": checks(channels[0]), "rightSums": checks(channels[1])}


def orbit(blocks):
    """From straight ahead to the left and up, 1.5 m to 0.9 m away: positions [blocks + 1, 3]."""
    share = np.linspace(0, 1, blocks + 1)
    return direction(200 * share, 25 * share) * (1.5 - 0.6 * share)[:, None]


def noise(count):
    """0.1 x normals of seed 1, stream 0."""
    return 0.1 * philox.normals(1, 0, count).astype(np.float64)


def constants(room):
    """What a twin may check its own constants with."""
    gains, level = parametric.tail_gains(room)
    return {"beta": parametric.BETA, "warp": parametric.WARP, "pole": parametric.POLE, "rt60": room.rt60,
            "roomConstant": room.room_constant, "lineGains": digits(gains), "tailLevel": float(level),
            "wallK": float(parametric.one_pole(parametric.WALL_HZ)), "tailK": float(parametric.one_pole(parametric.TAIL_HZ))}


def described(room):
    """A room in JSON."""
    return {"size": list(room.size), "absorption": list(room.absorption), "listener": list(room.listener)}


def render_case(name, mono, source, positions, room):
    """One golden render: whole, and its parts."""
    delays, first, second = parametric.paths(positions[-1:], room)
    return {"name": name, "input": source, "count": COUNT, "room": described(room), "constants": constants(room),
            "positions": [digits(p) for p in positions], "lastPaths": [
                {"delay": digits(delays[i]), "b0": digits(first[i]), "b1": digits(second[i])} for i in range(len(delays))],
            "early": sparse(parametric.early(mono, positions, room)), "whole": sparse(parametric.render(mono, positions, room))}


def make():
    """The whole file as JSON values."""
    blocks = COUNT // parametric.BLOCK
    impulse = np.zeros(COUNT)
    impulse[0] = 1
    still = np.repeat([[1.2, 0.7, 0.2]], blocks + 1, 0)
    wave = noise(1024)
    frames = spectra.analyse(wave)
    near = [{"offset": digits(place[0]), "gain": float(gain)} for place, gain in images(still[:1], Room(), 1)]
    return {
        "rate": parametric.RATE, "block": parametric.BLOCK,
        "itdUs": [{"azimuth": a, "itd": float(itd_us(a))} for a in AZIMUTHS],
        "ildDb": [{"azimuth": a, "hertz": list(ILD_HZ), "ild": digits(ild_db(a, ILD_HZ))} for a in ILD_AZIMUTHS],
        "images": {"position": still[0].tolist(), "room": described(Room()), "paths": near},
        "renders": [
            render_case("still impulse", impulse, "1 at sample 0, then 0", still, Room()),
            render_case("moving noise", noise(COUNT), "0.1 * philox normals, seed 1, stream 0", orbit(blocks), OTHER)],
        "stft": {"input": "0.1 * philox normals, seed 1, stream 0", "count": len(wave), "frames": [
            {"frame": f, "re": digits(frames[f].real), "im": digits(frames[f].imag)} for f in (0, 5)],
            "delay": spectra.DELAY},
    }


def write(path=ROOT / "contracts" / "binaural-vectors.json"):
    """Write the file."""
    write_json(path, make())

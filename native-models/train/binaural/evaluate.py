"""The figures of the card: held-out voices, sentences, directions and rooms."""

import numpy as np
import torch

from binaural import metrics, parametric, sampling, spectra
from binaural.data import pool, truth as truth_of, voices
from binaural.data.head import head
from binaural.geometry import Room, direction
from binaural.noise import frame_noise
from binaural.parametric import BLOCK, RATE, ear_angles, ear_delay
from binaural.scale import compress, expand

SECONDS, COUNT, SEED = 1.6, 18, 3
NAMES = ("lsdDb", "thirdOctaveDb", "itdErrorUs", "ildErrorDb", "coherenceError", "pausesDb")


def scene(index):
    """(mono, start, truth, pose) of one held-out scene: in a held-out sector of directions; every third moves from there."""
    rng = np.random.default_rng((SEED, 77, index))
    frames = int(SECONDS * RATE) // BLOCK
    room, moving = pool.random_room(rng), index % 3 == 2
    wanted = (lambda a: pool.kept_out(a[:1]).all()) if moving else (lambda a: pool.kept_out(a).all())
    positions = pool.path(rng, frames + pool.WARM, room, moving, wanted)
    said = voices.held_out(index, SECONDS + 0.6)
    mono = said[:(frames + pool.WARM) * BLOCK] * 10 ** rng.uniform(-0.4, 0.2)
    if index % 8 == 5:
        mono = mono + 0.3 * voices.bursts(rng, len(mono))
    start, truth, pose = pool.clip(mono, positions, room, rng, moving)
    other = truth_of.render(mono, positions, room, np.random.default_rng((SEED, 78, index)), moving)[:, pool.WARM * BLOCK:]
    return {"start": start, "truth": truth, "other": other, "pose": pose, "moving": moving,
            "voice": "/".join(voices.HELD_OUT[index % len(voices.HELD_OUT)]), "azimuth": float(np.degrees(np.arctan2(pose[0, 1], pose[0, 0])))}


def planes(wave):
    """[2, N] -> compressed [1, 4, F, 257]."""
    return torch.from_numpy(spectra.channels(compress(spectra.analyse(wave))).astype(np.float32))[None]


def run(net, start, pose, evaluations, t0=sampling.T0, seed=1):
    """The engine's way from a parametric render [2, N] to the net's render, 384 samples late; in one piece, as chunks change nothing."""
    condition = planes(start)
    noise = torch.from_numpy(frame_noise(0, condition.shape[2], seed)[None])
    out = sampling.stream(net, condition, noise, torch.from_numpy(pose)[None], evaluations, t0, chunk=condition.shape[2])
    return spectra.synthesise(expand(spectra.ears(out[0].numpy().astype(np.float64))))


def aligned(made, start, truth):
    """All three of one length and in time: the net's render is 384 samples late."""
    late = spectra.DELAY
    end = made.shape[1] - late
    return made[:, late:], start[:, :end], truth[:, :end]


def figures(made, truth):
    """The six numbers of NAMES."""
    return np.array([*metrics.spectral(made, truth), *metrics.spatial(made, truth), metrics.pauses_db(made, truth)])


def rounded(rows):
    """name -> mean over scenes."""
    return dict(zip(NAMES, [round(float(v), 3) for v in np.nanmean(rows, 0)]))


def held_out(net, scenes, skips=()):
    """Means over the scenes: the start, the truth with another tail, the truth's own pauses, the net with one and two evaluations, and with other t0."""
    rows = {"start": [], "other": [], "nfe1": [], "nfe2": [], **{f"nfe2 t0={t}": [] for t in skips}}
    pauses, better = [], []
    for s in scenes:
        for name in rows:
            if name in ("start", "other"):
                made, truth = s[name], s["truth"]
            else:
                t0 = float(name.split("=")[1]) if "=" in name else sampling.T0
                made, _, truth = aligned(run(net, s["start"], s["pose"], int(name[3]), t0), s["start"], s["truth"])
            rows[name].append(figures(made, truth))
        pauses.append(metrics.pauses_db(s["truth"], s["truth"]))
        better.append(rows["nfe1"][-1][0] < rows["start"][-1][0])
    return {"scenes": len(scenes), "betterThanStart": int(sum(better)), "truthPausesDb": round(float(np.nanmean(pauses)), 3),
            **{name: rounded(r) for name, r in rows.items()}}


def by_group(net, scenes):
    """Log-spectral distance of start and net per voice, and for still and moving sources."""
    groups = {}
    for s in scenes:
        made, start, truth = aligned(run(net, s["start"], s["pose"], 1), s["start"], s["truth"])
        pair = [metrics.spectral(x, truth)[0] for x in (start, made)]
        for key in (s["voice"], "moving" if s["moving"] else "still"):
            groups.setdefault(key, []).append(pair)
    return {key: {"scenes": len(v), "startDb": round(float(np.mean(v, 0)[0]), 2), "nfe1Db": round(float(np.mean(v, 0)[1]), 2)}
            for key, v in groups.items()}


def dry(net, azimuths=(15, 30, 45, 60, 90)):
    """ITD (us) and ILD (dB above 1.5 kHz) of noise in an almost dry room: measured head, parametric head, net."""
    room = Room((6.0, 6.0, 4.0), (0.98,) * 6, (3.0, 3.0, 2.0))
    rows = []
    for azimuth in azimuths:
        rng = np.random.default_rng(azimuth)
        mono = 0.05 * rng.standard_normal(RATE)
        blocks = len(mono) // BLOCK
        start, truth, pose = pool.clip(mono, np.repeat(direction(azimuth)[None] * 1.2, blocks + 1, 0), room, rng, False)
        made, start, truth = aligned(run(net, start, pose, 1), start, truth)
        row = {"azimuth": azimuth}
        for name, wave in (("truth", truth), ("start", start), ("nfe1", made)):
            power = (np.abs(metrics.frames(wave)) ** 2).sum(1)
            high = [p[1] for p in metrics.thirds() if p[0] >= 1500]
            row[name] = {"itdUs": round(float(np.median(metrics.lags(wave))), 1),
                         "ildDb": round(float(np.mean([10 * np.log10(power[0, m].sum() / power[1, m].sum()) for m in high])), 2)}
        rows.append(row)
    return rows


def silence(net):
    """Largest sample of the net's render of silence (both numbers of evaluations)."""
    frames = 64
    pose = np.repeat([[1, 0, 0, 1.0]], frames, 0).astype(np.float32)
    return [float(np.abs(run(net, np.zeros((2, frames * BLOCK)), pose, n)).max()) for n in (1, 2)]


def tone(net, turns):
    """A 2 kHz tone, `turns` revolutions in its one second: energy outside 1.8 to 2.2 kHz over the whole, in dB, of start and net."""
    angle = np.linspace(0, 360 * turns, RATE // BLOCK + 1)
    positions = direction(40 + angle) * 1.5
    start = parametric.early(0.1 * np.sin(2 * np.pi * 2000 * np.arange(RATE) / RATE), positions, Room())
    result = {}
    for name, wave in (("startDb", start), ("nfe1Db", run(net, start, pool.poses(positions[1:]), 1))):
        part = wave[:, 4800:-4800] * np.hanning(wave.shape[1] - 9600)
        power, hertz = np.abs(np.fft.rfft(part)) ** 2, np.fft.rfftfreq(part.shape[1], 1 / RATE)
        result[name] = round(float(10 * np.log10(power[:, np.abs(hertz - 2000) > 200].sum() / power.sum())), 1)
    return result


def directions_beyond():
    """Mean ITD difference between the measured and the parametric head, us, over the ring at ear height."""
    around = direction(np.arange(0, 360, 5.0))
    _, late = head().at(around)
    model = RATE * ear_delay(ear_angles(around))
    return float(np.mean(np.abs((late[:, 1] - late[:, 0]) - (model[:, 1] - model[:, 0]))) / RATE * 1e6)

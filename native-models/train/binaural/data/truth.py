"""What the measured head hears in a shoebox room: images up to third order and a diffuse tail."""

import numpy as np
from scipy.signal import fftconvolve, lfilter

from binaural import parametric
from binaural.data.head import FFT, TAPS, head
from binaural.geometry import images, inside
from binaural.parametric import BLOCK, RATE, SPEED, lagrange, one_pole, per_sample

ORDER, MOVING_ORDER = 3, 1
BOUNCE_HZ, AIR_HZ_M = 11_000.0, 250_000.0
EAR_DISTANCE = 0.18
MIX = 0.012


def _crossfaded(signal, taps):
    """signal [N] through taps [K + 1, TAPS] of the block ends, faded linearly between neighbours."""
    blocks = len(taps) - 1
    padded = np.zeros((blocks + 2) * BLOCK)
    padded[BLOCK:BLOCK + len(signal)] = signal
    rise = np.arange(1, BLOCK + 1) / BLOCK
    window = np.concatenate([rise, 1 - rise])
    pieces = np.lib.stride_tricks.sliding_window_view(padded, 2 * BLOCK)[::BLOCK] * window
    size = 512
    wet = np.fft.irfft(np.fft.rfft(pieces, size) * np.fft.rfft(taps, size), size)
    out = np.zeros((blocks + 6) * BLOCK)
    for part in range(size // BLOCK):
        out[part * BLOCK:part * BLOCK + (blocks + 1) * BLOCK] += wet[:, part * BLOCK:(part + 1) * BLOCK].ravel()
    return out[BLOCK:BLOCK + len(signal)]


def _softened(taps, hits, metres):
    """Walls and air take treble: one pole per path, lower with every bounce and metre."""
    if hits == 0:
        return taps
    k = one_pole(1 / (hits / BOUNCE_HZ + metres / AIR_HZ_M))
    return lfilter([k], [1, k - 1], taps, axis=-1)


def _static(found, moving_from, room):
    """Impulse response [2, L] of the paths from number `moving_from` on, for a source that stays."""
    response = np.zeros((2, 6144))
    grid = np.arange(-16, 17)
    direct = np.linalg.norm(found[0][0][0])
    places = np.array([place[0] for place, _ in found])
    far = np.linalg.norm(places, axis=1)
    taps, delays = head().at(places / far[:, None])
    for path in range(moving_from, len(found)):
        hits = 0 if path == 0 else 1 if path < 7 else 2 if path < 25 else 3
        shaped = _softened(taps[path], hits, far[path]) * found[path][1] / max(far[path], parametric.NEAREST)
        for ear in range(2):
            late = parametric.BASE_DELAY + RATE * (far[path] - direct) / SPEED + delays[path, ear] + 16
            whole = int(np.floor(late))
            x = grid - (late - whole)
            sinc = np.sinc(x) * np.cos(np.pi * x / 34) ** 2
            piece = np.convolve(sinc, shaped[ear])
            if whole - 16 + len(piece) < response.shape[1]:
                response[ear, whole - 16:whole - 16 + len(piece)] += piece
    return response[:, 16:]


def _coherent(noise):
    """Two independent noises made as alike as two ears are in a diffuse field: sinc(2 pi f d / c)."""
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(noise.shape[1], 1 / RATE)
    alike = np.clip(np.sinc(2 * hertz * EAR_DISTANCE / SPEED), -0.999, 0.999)
    a, b = np.sqrt((1 + alike) / 2), np.sqrt((1 - alike) / 2)
    return np.fft.irfft(np.stack([a * spectrum[0] + b * spectrum[1], a * spectrum[0] - b * spectrum[1]]), noise.shape[1])


def tail_response(room, rng):
    """Diffuse tail [2, L]: noise whose decay follows Sabine, faster above a few kHz, rising over the first 24 ms."""
    count = int(RATE * min(0.9, 1.1 * room.rt60)) // 2 * 2
    t = np.arange(count) / RATE
    noise = _coherent(rng.standard_normal((2, count)))
    hertz, split = 3000.0, []
    k = one_pole(hertz)
    low = lfilter([k], [1, k - 1], noise, axis=-1)
    for band, rt in ((low, room.rt60), (noise - low, 0.7 * room.rt60)):
        split.append(band * 10 ** (-3 * t / rt))
    rise = np.clip((t - MIX / 2) / (2 * MIX), 0, 1)
    energy = 16 * np.pi / room.room_constant * 13.8 / room.rt60 / RATE
    return sum(split) * rise * np.sqrt(energy)


def render(mono, positions, room, rng, moving):
    """[2, N] of a measured head; arguments as in parametric.render, rng the room's own tail."""
    found = images(inside(np.asarray(positions, float), room), room, ORDER)
    out = fftconvolve(mono[None], tail_response(room, rng), axes=1)[:, :len(mono)]
    if not moving:
        return out + fftconvolve(mono[None], _static(found, 0, room), axes=1)[:, :len(mono)]
    # Late images are weak: they stay where they are halfway.
    middle = len(positions) // 2
    halfway = [(place[middle:middle + 1], gain) for place, gain in found]
    out += fftconvolve(mono[None], _static(halfway, 7, room), axes=1)[:, :len(mono)]
    direct = np.linalg.norm(found[0][0], axis=1)
    for path, (place, wall) in enumerate(found[:7]):
        far = np.linalg.norm(place, axis=1)
        taps, delays = head().at(place / far[:, None])
        delays = parametric.BASE_DELAY + RATE * (far - direct)[:, None] / SPEED + delays
        taps = _softened(taps, int(path > 0), float(far.mean())) * (wall / np.maximum(far, parametric.NEAREST))[:, None, None]
        for ear in range(2):
            late = lagrange(mono, per_sample(delays[:, ear], len(mono)))
            out[ear] += _crossfaded(late, taps[:, ear])
    return out

#!/usr/bin/env python3
"""Golden log-mel vectors, derived on their own in double precision.

Shares no line with features.py: the transform is a table of cosines and sines, the
filters are built band by band. Run: python3 captions/golden_features.py. Writes
contracts/captions-features.json: per signal `samples` (divide by 32768) and
`features` [frames][80].
"""

import json
import math
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[2] / "contracts" / "captions-features.json"


def slaney_to_hz(mel):
    """Mel -> Hz on Slaney's scale: 200/3 Hz a mel up to 1 kHz, then 27 mels per factor 6.4."""
    return mel * 200.0 / 3.0 if mel < 15.0 else 1000.0 * 6.4 ** ((mel - 15.0) / 27.0)


def band_weights():
    """[80][257]: triangles between neighbouring centres, each of area one over Hz."""
    top = 15.0 + 27.0 * math.log(8.0) / math.log(6.4)
    corner = [slaney_to_hz(top * i / 81.0) for i in range(82)]
    table = np.zeros((80, 257))
    for band in range(80):
        low, mid, high = corner[band : band + 3]
        for k in range(257):
            hz = k * 16000.0 / 512.0
            if low < hz <= mid:
                table[band, k] = (hz - low) / (mid - low)
            elif mid < hz < high:
                table[band, k] = (high - hz) / (high - mid)
        table[band] *= 2.0 / (high - low)
    return table


def transform(signal):
    """log-mel by definition: one frame at a time, a 512-point DFT as a sum."""
    n = np.arange(512)
    angle = 2.0 * math.pi * np.outer(np.arange(257), n) / 512.0
    cosine, sine = np.cos(angle), np.sin(angle)
    window = np.zeros(512)
    for i in range(400):
        window[56 + i] = 0.5 - 0.5 * math.cos(2.0 * math.pi * i / 399.0)
    sharp = [signal[0]] + [signal[i] - 0.97 * signal[i - 1] for i in range(1, len(signal))]
    weights, rows = band_weights(), []
    for frame in range(len(signal) // 160 + 1):
        first = 160 * frame - 256
        piece = np.array([sharp[first + i] if 0 <= first + i < len(sharp) else 0.0 for i in range(512)]) * window
        power = (cosine @ piece) ** 2 + (sine @ piece) ** 2
        rows.append(np.log(weights @ power + 2.0**-24))
    return np.array(rows)


def noise(count, seed=12345):
    """Uniform numbers in -1..1 of the 32-bit linear congruential generator 1664525, 1013904223."""
    out, state = [], seed
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        out.append(state / 2**31 - 1.0)
    return np.array(out)


def signals():
    """name -> int16 samples."""
    impulse = np.zeros(1600)
    impulse[[0, 800]] = 1.0, -0.5
    time = np.arange(3200) / 16000.0
    tone = 0.5 * np.sin(2 * math.pi * 1000.0 * time)
    time = np.arange(8000) / 16000.0
    chirp = 0.4 * np.sin(2 * math.pi * (100.0 * time + 0.5 * (7000.0 / 0.5) * time**2)) + 0.05 * noise(8000)
    return {name: np.clip(np.round(x * 32768), -32768, 32767).astype(int)
            for name, x in (("impulse", impulse), ("tone-1khz", tone), ("chirp-and-noise", chirp))}


def main():
    """Write the file."""
    rows = [{"name": name, "samples": values.tolist(),
             "features": [[round(v, 5) for v in row] for row in transform(values / 32768.0).tolist()]}
            for name, values in signals().items()]
    TARGET.write_text(json.dumps({"sampleRate": 16000, "scale": 1 / 32768, "signals": rows}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

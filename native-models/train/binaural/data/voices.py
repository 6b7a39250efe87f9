"""Synthetic voices at 48 kHz: espeak-ng and flite reading sentences of a small grammar."""

import io
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

RATE = 48_000
ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-gbclan", "en-029", "de", "fr-fr", "es", "it", "pl")
VARIANTS = ("m1", "m2", "m3", "m4", "m7", "f1", "f2", "f3", "f4")
FLITE = ("rms", "slt")
HELD_OUT = (("flite", "awb"), ("espeak", "en-gb-x-gbcwmd+f5"), ("espeak", "en-gb-x-rp+m6"), ("espeak", "pt+f5"))
WHO = "the captain|my neighbour|a young doctor|the old painter|our teacher|nobody|every singer|the tall guard|a quiet child|the baker".split("|")
DID = "carried|forgot|sketched|measured|bought|repaired|followed|whispered about|laughed at|described".split("|")
WHAT = "the silver bridge|a box of fish|seven candles|the river path|this strange machine|his father's house|the wooden chair|a basket of cherries|the blue jacket|three thick books".split("|")
WHEN = "yesterday|before sunrise|in the middle of winter|at six o'clock|after the show|twice a week|for a whole year|with great joy|just in time|as always".split("|")
HELD_OUT_TEXT = (
    "Please move the microphone closer to the stage and speak slowly.", "The orchestra begins its journey at half past nine tonight.",
    "Fresh bread smells wonderful when shops open early.", "She sells sea shells, and zebras jog through quiet valleys.",
    "Can you hear which side my voice is coming from now?", "Thunder rolled above us while children watched from doorways.",
    "A good judge of space hears the room before any word.", "Eleven yellow boats drifted past without making noise.")


def sentence(rng):
    """One of ten thousand sentences."""
    parts = [rng.choice(list) for list in (WHO, DID, WHAT, WHEN)]
    return " ".join(parts).capitalize() + "."


def say(engine, voice, text, speed=160, pitch=50):
    """float64 [N] at 48 kHz, rms 0.05."""
    if engine == "espeak":
        command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text]
        data = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60).stdout
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "said.wav"
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=60, stdout=subprocess.DEVNULL)
            data = path.read_bytes()
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
        pcm = np.frombuffer(data[44:], "<i2").astype(np.float64) / 32768
    divisor = np.gcd(rate, RATE)
    sound = resample_poly(pcm, RATE // divisor, rate // divisor)
    return 0.05 * sound / (np.sqrt(np.mean(sound**2)) + 1e-9)


def brightened(sound, gain):
    """sound with its band of 3 to 11 kHz copied up to 11.5 to 19.5 kHz, as the synthesisers lack what microphones have."""
    band = sosfilt(butter(4, 3000, "high", fs=RATE, output="sos"), sound)
    lifted = band * 2 * np.cos(2 * np.pi * 8500 * np.arange(len(sound)) / RATE)
    return sound + gain * sosfilt(butter(6, 11_000, "high", fs=RATE, output="sos"), lifted)


def track(rng, seconds):
    """A training track: one voice, several sentences with pauses."""
    if rng.random() < 0.2:
        engine, voice = "flite", rng.choice(FLITE)
    else:
        engine, voice = "espeak", f"{rng.choice(ESPEAK)}+{rng.choice(VARIANTS)}"
    parts, length = [], 0
    while length < seconds * RATE:
        said = say(engine, voice, sentence(rng), int(rng.integers(130, 190)), int(rng.integers(20, 80)))
        parts += [said, np.zeros(int(rng.uniform(0.05, 0.4) * RATE))]
        length += len(said)
    return brightened(np.concatenate(parts), rng.uniform(0, 1))


def held_out(index, seconds):
    """A track of a voice and sentences that no training clip has, rms 0.05."""
    engine, voice = HELD_OUT[index % len(HELD_OUT)]
    parts = []
    for k in range(8):
        said = say(engine, voice, HELD_OUT_TEXT[(index + k) % 8])
        parts += [said, np.zeros(RATE // 4)]
        if sum(map(len, parts)) > seconds * RATE:
            break
    return brightened(np.concatenate(parts), 0.5)


def bursts(rng, count):
    """Noise of random colour in bursts, float64 [count]: every direction at every frequency."""
    noise = np.fft.rfft(rng.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    noise = np.fft.irfft(noise * (np.maximum(hertz, 100) / 1000) ** -rng.uniform(0, 0.8), count)
    knots = rng.random(12) ** 3 * (rng.random(12) < 0.7)
    return 0.05 * noise / noise.std() * np.interp(np.arange(count), np.linspace(0, count, 12), knots) * 3

"""Sound files in and out."""

import subprocess
import wave

import numpy as np

from captions.features import RATE


def read_wav(path):
    """16-bit mono at 16 kHz -> float32."""
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path} must be 16-bit mono at {RATE} Hz. Convert it with ffmpeg.")
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


def write_wav(path, samples):
    """float32 -> 16-bit mono at 16 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())


def decode(path):
    """Any recording, through ffmpeg, as float32 mono at 16 kHz."""
    command = ["ffmpeg", "-loglevel", "error", "-i", str(path), "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60).stdout, np.float32)

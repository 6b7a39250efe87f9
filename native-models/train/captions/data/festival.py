"""Festival's diphone voice ked (kdlpc16k): never trained on, a synthesiser and a speaker apart from the others.

Needs Debian's festival and festvox-kdlpc16k.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from captions.data.recordings import read_wav
from captions.features import log_mel

VOICE = "voice_ked_diphone"


def speak(sentences):
    """float32 samples at 16 kHz of each sentence."""
    out = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.wav"
        for text in sentences:
            subprocess.run(["text2wave", "-F", "16000", "-eval", f"({VOICE})", "-o", str(path)], input=text.encode(), check=True)
            out.append(np.asarray(read_wav(path)))
    return out


def items(pool, sentences):
    """[{"mel", "text"}], kept in the pool as test-ked.npz."""
    path = Path(pool) / "test-ked.npz"
    if not path.exists():
        np.savez(path, text=sentences, **{f"mel{i}": log_mel(x) for i, x in enumerate(speak(sentences))})
    kept = np.load(path)
    return [{"mel": kept[f"mel{i}"], "text": str(text)} for i, text in enumerate(kept["text"])]

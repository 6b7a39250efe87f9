"""Festival's diphone voice kdl: never trained on, a synthesiser and a speaker apart from the others.

Needs Debian's festival and festvox-kdlpc16k.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np

from captions.data.recordings import read_wav

VOICE = "voice_kdl_diphone"


def speak(sentences):
    """float32 samples at 16 kHz of each sentence."""
    out = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.wav"
        for text in sentences:
            subprocess.run(["text2wave", "-F", "16000", "-eval", f"({VOICE})", "-o", str(path)], input=text.encode(), check=True)
            out.append(np.asarray(read_wav(path)))
    return out

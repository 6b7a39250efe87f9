#!/usr/bin/env python3
"""Random-weight graphs with exactly the contracts of public models, for the programme's tests.

Run: python3 public/tiny.py. Needs numpy and onnx alone; seeds are fixed, so a second run writes the
same bytes. Writes main/engines/testing/public-models: a folder for each variant with
golden.json, what its graphs give for a few inputs, worked out here in numpy from the
same weights (no ONNX runtime, none of the programme's code); tokenizer-golden.json;
and broken/, files that must be refused.
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from public import broken, diffusion, pictures, speech
from public.kit import ROOT, digest
from public.tokenizer import Tokenizer


def main():
    """Write every file."""
    shutil.rmtree(ROOT, ignore_errors=True)
    tokenizer = Tokenizer()
    diffusion.write("sd15-lcm", 1, tokenizer, guided=True, external=True)
    diffusion.write("sd15-scalar", 2, tokenizer, timestep=("float32", []))
    diffusion.write("sd15-fp16", 3, tokenizer, dtype=np.float16)
    diffusion.write("sd-turbo", 4, tokenizer, width=1024, ids_kind="int32", timestep=("int64", [1]), mean_only=True, pad="!")
    speech.ctc()
    speech.transducer()
    broken.write(*pictures.write())
    tokenizer.write_cases()
    print(digest(ROOT), sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()), "bytes")


if __name__ == "__main__":
    main()

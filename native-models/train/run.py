#!/usr/bin/env python3
"""The one entry point of training: `run.py MODEL`, or one stage of it, `run.py MODEL STAGE`.

A model is a folder here with a `run.py` of its own: STAGES in order, EXTRA ones, SHARES of the
time, options(parser) and run(stage, settings, minutes). Every stage is bounded by
--minutes, resumes with --resume, and runs where --device says: on CUDA when there
is one, else on at most two CPU threads.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent))

MODELS = ("animate", "scenes", "binaural", "captions", "matting", "upscale")


def parse(arguments):
    """Command line to (the model's module, settings)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    models = parser.add_subparsers(dest="model", required=True)
    for name in MODELS:
        model = importlib.import_module(f"{name}.run")
        one = models.add_parser(name, help=model.__doc__)
        one.add_argument("stage", nargs="?", choices=model.STAGES + getattr(model, "EXTRA", ()) + ("all",), default="all")
        one.add_argument("--minutes", type=float, default=20, help="training time of this call")
        one.add_argument("--out", type=Path, default=Path(f"/tmp/fantascope-train/{name}"), help="checkpoints and logs")
        one.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to train")
        one.add_argument("--pool", type=Path, help="training data; default OUT/pool")
        one.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
        one.add_argument("--version", default="1.0.0", help="version written to the catalogue")
        model.options(one)
    settings = parser.parse_args(arguments)
    settings.pool = settings.pool or settings.out / "pool"
    return importlib.import_module(f"{settings.model}.run"), settings


def use(device):
    """Hide CUDA from the frameworks, or make sure that it is there, before any of them looks."""
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    elif device == "cuda":
        import torch
        if not torch.cuda.is_available():
            sys.exit("--device cuda needs a CUDA device and torch finds none here; use auto or cpu.")


def main():
    """Run the stage asked for, or all in order with --minutes shared among them."""
    model, settings = parse(sys.argv[1:])
    use(settings.device)
    for stage in model.STAGES if settings.stage == "all" else (settings.stage,):
        share = model.SHARES.get(stage, 0) if settings.stage == "all" else 1
        model.run(stage, settings, settings.minutes * share)


if __name__ == "__main__":
    main()

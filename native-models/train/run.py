#!/usr/bin/env python3
"""The one entry point of training: data, codec, animate, distil, classifier, export, card, all.

Every stage is bounded by --minutes, resumes with --resume, and runs on CUDA when
there is one, else on at most two CPU threads.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent))

STAGES = ("data", "codec", "animate", "distil", "classifier", "export", "card")
SHARES = {"codec": 0.2, "animate": 0.55, "distil": 0.2, "classifier": 0.05}


def parse(arguments):
    """Command line to settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=STAGES + ("all",))
    parser.add_argument("--minutes", type=float, default=20, help="training time of this call")
    parser.add_argument("--out", type=Path, default=Path("/tmp/fantascope-train"), help="checkpoints and logs")
    parser.add_argument("--pool", type=Path, help="pictures and latents (about 6 GB); default OUT/pool")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--film", type=Path, help="a film never used in training, for the card")
    parser.add_argument("--stress", nargs="*", default=[], metavar="WORD", help="distil: words that fill half of every batch")
    parser.add_argument("--version", default="1.0.0", help="version written to the catalogue")
    settings = parser.parse_args(arguments)
    settings.pool = settings.pool or settings.out / "pool"
    return settings


def run(stage, settings, minutes):
    """Run one stage."""
    import checkpoint
    import models
    from data import pairs
    out, pool, resume = settings.out, settings.pool, settings.resume
    if stage == "data":
        pairs.fill_sources(pool)
        pairs.fill_targets(pool)
    elif stage == "codec":
        from stages import codec
        if not (resume and checkpoint.exists(out, "frozen")):
            codec.train(pairs.pools(pool), out, minutes, resume)
            models.freeze_codec(out, codec.Crops(pairs.pools(pool), seed=13))
        else:
            codec.polish(pairs.pools(pool), out, models.codec(out), minutes)
    elif stage == "animate":
        from stages import animate
        animate.train(out, pool, models.codec(out), minutes, resume)
    elif stage == "distil":
        from stages import animate
        animate.distil(out, pool, models.codec(out), models.teacher(out), minutes, resume, stress=tuple(settings.stress))
    elif stage == "classifier":
        from stages import judge
        judge.train(pool, out, models.codec(out), minutes, resume)
    elif stage == "export":
        import export
        net, _ = models.animate(out)
        export.export_all(models.codec(out), net.text, net.unet, settings.version)
    elif stage == "card":
        import card
        card.write(out, settings.film)


def main():
    """Run the stage asked for, or all in order with --minutes shared among them."""
    settings = parse(sys.argv[1:])
    for stage in STAGES if settings.stage == "all" else (settings.stage,):
        share = SHARES.get(stage, 0) if settings.stage == "all" else 1
        run(stage, settings, settings.minutes * share)


if __name__ == "__main__":
    main()

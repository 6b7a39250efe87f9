"""Stages of the matting model: data, learn, export, card."""

import os
from pathlib import Path

STAGES = ("data", "learn", "export", "card")
SHARES = {"learn": 1.0}
# Without these the allocator gives every large tensor back to the system and asks for it again.
for _name, _bytes in (("MALLOC_MMAP_THRESHOLD_", 2**33), ("MALLOC_TRIM_THRESHOLD_", 2**34), ("MALLOC_TOP_PAD_", 2**28)):
    os.environ.setdefault(_name, str(_bytes))


def options(parser):
    """What only this model's stages take."""
    parser.add_argument("--pictures", type=Path, default=Path("/tmp/fantascope-train/animate/pool"), help="the animate pool, only read")
    parser.add_argument("--people", type=int, default=2400, help="data: people in the pool")
    parser.add_argument("--rate", type=float, default=3e-3, help="learn: learning rate")
    parser.add_argument("--film", type=Path, help="a film never used in training, for the card")
    parser.add_argument("--from-shipped", action="store_true", help="learn, export, card: start from the weights in models/matting")


def run(stage, settings, minutes):
    """Run one stage of the matting model."""
    if stage == "data":
        from matting import pool
        pool.fill(settings.pool, settings.people)
    elif stage == "learn":
        from matting import models, train
        net = models.shipped() if settings.from_shipped else None
        train.train(settings.pictures, settings.pool, settings.out, minutes, settings.resume, settings.rate, net)
    elif stage == "export":
        from matting import export, models
        export.export_all(models.trained(settings.out, settings.from_shipped), settings.version)
    elif stage == "card":
        from matting import card
        card.write(settings.out, settings.pool, settings.film, settings.from_shipped)

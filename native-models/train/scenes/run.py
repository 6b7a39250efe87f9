"""Stages of the scenes model: data, learn, probe, export, card."""

import os

STAGES = ("data", "learn", "probe", "export", "card")
SHARES = {"learn": 0.9, "probe": 0.1}
# Without these the allocator gives every large tensor back to the system and asks for it again, which doubles a step.
for _name, _bytes in (("MALLOC_MMAP_THRESHOLD_", 2**33), ("MALLOC_TRIM_THRESHOLD_", 2**34), ("MALLOC_TOP_PAD_", 2**28)):
    os.environ.setdefault(_name, str(_bytes))


def options(parser):
    """What only this model's stages take."""
    parser.add_argument("--clips", type=int, default=1600, help="data: clips in the pool")
    parser.add_argument("--from-shipped", action="store_true", help="learn, export, card: start from the weights in models/scenes")
    parser.add_argument("--pictures", type=float, default=0.25, help="learn: share of the time spent on single pictures first")
    parser.add_argument("--own", type=float, default=0.5, help="learn: share of the clips whose history the model makes itself")
    parser.add_argument("--rate", type=float, default=1.2e-3, help="learn: learning rate")


def run(stage, settings, minutes):
    """Run one stage of the scenes model."""
    if stage == "data":
        from scenes import pool
        pool.fill(settings.pool, settings.clips)
    elif stage == "learn":
        from scenes.stages import learn
        learn.train(settings.out, settings.pool, minutes, settings)
    elif stage == "probe":
        from scenes.stages import probe
        probe.train(settings.out, settings.pool, minutes, settings.resume)
    elif stage == "export":
        from scenes import export, models
        net = models.trained(settings.out, settings.from_shipped)
        export.export_all(net.step, net.text, settings.version)
    elif stage == "card":
        from scenes import card
        card.write(settings.out, settings.pool, settings.from_shipped)

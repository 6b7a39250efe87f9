"""Stages of the animate model: data, codec, polish, animate, distil, classifier, export, card; and restore."""

from pathlib import Path

STAGES = ("data", "codec", "polish", "animate", "distil", "classifier", "export", "card")
EXTRA = ("restore",)
SHARES = {"codec": 0.15, "polish": 0.1, "animate": 0.5, "distil": 0.2, "classifier": 0.05}


def options(parser):
    """What only this model's stages take."""
    parser.add_argument("--film", type=Path, help="a film never used in training, for the card")
    parser.add_argument("--stress", nargs="*", default=[], metavar="WORD", help="distil: words that fill half of every batch")


def run(stage, settings, minutes):
    """Run one stage of the animate model."""
    from animate import models
    from animate.data import pairs
    out, pool, resume = settings.out, settings.pool, settings.resume
    if stage == "data":
        pairs.fill_sources(pool)
        pairs.fill_targets(pool)
    elif stage == "restore":
        models.restore(out)
    elif stage == "codec":
        from animate.stages import codec
        codec.train(pairs.pools(pool), out, minutes, resume)
        models.freeze_codec(out, codec.Crops(pairs.pools(pool), seed=13))
    elif stage == "polish":
        from animate.stages import polish
        polish.train(pairs.pools(pool), out, models.codec(out), minutes, resume)
    elif stage == "animate":
        from animate.stages import animate
        animate.train(out, pool, models.codec(out), minutes, resume)
    elif stage == "distil":
        from animate.stages import animate
        animate.distil(out, pool, models.codec(out), models.teacher(out), minutes, resume, stress=tuple(settings.stress))
    elif stage == "classifier":
        from animate.stages import judge
        judge.train(pool, out, models.codec(out), minutes, resume)
    elif stage == "export":
        from animate import export
        net, _ = models.animate(out)
        export.export_all(models.codec(out), net.text, net.unet, settings.version)
    elif stage == "card":
        from animate import card
        card.write(out, settings.film)

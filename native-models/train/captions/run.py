"""Stages of the captions model: data, train, language, export, card."""

from pathlib import Path

STAGES = ("data", "train", "language", "export", "card")
SHARES = {"train": 1.0}


def options(parser):
    """What only this model's stages take."""
    parser.add_argument("--sources", nargs="*", type=Path, default=[Path("/usr/share")], metavar="DIR", help="data: folders with the packages' texts")
    parser.add_argument("--shards", nargs=2, type=int, default=(24, 6), metavar="N", help="data: training shards of espeak and of flite")
    parser.add_argument("--from-shipped", action="store_true", help="data, train: go on from models/captions/model.onnx and its tokens")
    parser.add_argument("--rate", type=float, help="train: peak learning rate")
    parser.add_argument("--ahead", type=int, default=0, help="train: begin the plan of lengths, noise and guides at this step")
    parser.add_argument("--media", type=Path, help="card: folder with jfk.flac, librivox-0870.wav, librivox-0880.wav")


def run(stage, settings, minutes):
    """Run one stage of the captions model."""
    if stage == "data":
        from captions import models
        from captions.data import fill
        data = fill.sentences(settings.pool, settings.sources, models.shipped()[1] if settings.from_shipped else None)
        fill.tests(settings.pool, data)
        for kind, last in zip(("espeak", "flite"), settings.shards):
            fill.fill(settings.pool, data, kind, 0, last)
    elif stage == "train":
        from captions.stages import train
        train.train(settings, minutes)
    elif stage == "language":
        from captions import language
        language.make(settings.pool, settings.out)
    elif stage == "export":
        from captions import evaluate, export, language, models
        net, pieces = models.trained(settings.out, settings.pool)
        lowered = evaluate.balance_blank(net, pieces, settings.pool)
        said = settings.out / language.FILE
        delays = evaluate.delays(net, pieces, settings.pool, language.Language(said))
        export.export_all(net, pieces, settings.version, f"English, lower case; {models.spent(settings.out)}, {-lowered:+} on the blank's bias", said, delays)
    elif stage == "card":
        from captions import card
        card.write(settings.out, settings.pool, settings.media)

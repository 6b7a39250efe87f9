"""Stages of the binaural model: data, head, train, export, card."""

STAGES = ("data", "head", "train", "export", "card")
SHARES = {"data": 0.25, "head": 0.05, "train": 0.7}


def options(parser):
    """What only this model's stages take."""
    parser.add_argument("--from-shipped", action="store_true", help="train: begin with the weights of the shipped velocity.onnx")
    parser.add_argument("--part", type=int, default=0, help="data: number of this process, so that several can fill one pool")
    parser.add_argument("--measured", help="card: JSON figures of another runtime (largest difference, ms)")
    parser.add_argument("--learning-rate", type=float, default=1.5e-3, help="train: highest learning rate")


def run(stage, settings, minutes):
    """Run one stage of the binaural model."""
    if stage == "data":
        from binaural.data import pool
        pool.fill(settings.pool, minutes, settings.part)
    elif stage == "head":
        from binaural import train
        train.fit_head(settings.out, minutes)
    elif stage == "train":
        from binaural import train
        # The head stage leaves a checkpoint to go on from, so training always resumes where there is one.
        train.train(settings.out, settings.pool, minutes, not settings.from_shipped, settings.from_shipped, settings.learning_rate)
    elif stage == "export":
        from binaural import export, train, vectors
        export.export_all(train.trained(settings.out), settings.version)
        vectors.write()
    elif stage == "card":
        from binaural import card
        card.write(settings.out, settings.pool, settings.measured)

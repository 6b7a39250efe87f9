"""What every model's training shares: loop, checkpoints, noise, text encoder, export, sheets."""

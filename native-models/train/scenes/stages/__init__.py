"""Training stages of the scenes model."""

"""Training stages of the captions model."""

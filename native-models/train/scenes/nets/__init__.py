"""Networks of the scenes model."""

"""Truth and training clips: a measured head in shoebox rooms, synthetic voices, the pool."""

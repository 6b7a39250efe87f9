"""What the recogniser learns from: sentences, pieces, synthetic voices, the pool of features."""

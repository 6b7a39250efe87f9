"""The endless-video model: a causal transformer over latents of procedural scenes."""

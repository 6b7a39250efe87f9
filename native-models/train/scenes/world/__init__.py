"""The procedural world the scenes model is trained on."""

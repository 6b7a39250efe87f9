"""Procedural pictures: the only thing the shipped models are trained on."""

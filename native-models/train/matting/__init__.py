"""Cutting people out: a matte of any picture, learned from procedural people alone."""

"""Upscaling by two, fitted to what the animate engine's codec leaves of a picture."""

"""The binaural model: from a parametric render to what a measured head in a room hears."""

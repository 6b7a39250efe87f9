"""Classic picture filters: the teachers of the animate model."""

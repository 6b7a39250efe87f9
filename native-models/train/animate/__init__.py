"""The animate model: prompt to look on any picture."""

"""Training stages: codec, judge, animate, distillation."""

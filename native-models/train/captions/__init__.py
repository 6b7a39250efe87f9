"""The speech recogniser: synthetic speech, a streaming conformer, CTC, measurement, ONNX."""

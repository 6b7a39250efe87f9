"""The networks: codec, text encoder, U-Net, and the judge used in evaluation."""

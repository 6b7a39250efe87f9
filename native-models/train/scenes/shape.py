"""Sizes of the generate contract, as one model has them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A model's sizes. Fixed by the contract: a 16 x 16 x 32 latent, patches of 2 x 4 cells."""

    width: int = 192
    layers: int = 6
    heads: int = 4
    axes: tuple = (("frame", 8, 100.0), ("row", 8, 30.0), ("column", 8, 30.0))  # name, pairs, base
    crossed: tuple = (0, 2, 4)  # layers that look at the prompt's tokens
    inner: int = 4  # width of the MLP over that of the model
    refine: int = 32  # channels that the tokens hand to the convolutions
    detail: int = 48  # channels of the convolutions

    latent: tuple = (16, 16, 32)
    patch: tuple = (2, 4)
    chunk: int = 3
    window: int = 12
    sink: int = 3

    @property
    def depth(self):
        """Width of one head, D."""
        return self.width // self.heads

    @property
    def grid(self):
        """Rows and columns of tokens in a frame."""
        return self.latent[1] // self.patch[0], self.latent[2] // self.patch[1]

    @property
    def tokens(self):
        """Tokens of a frame, T."""
        return self.grid[0] * self.grid[1]

    @property
    def patch_size(self):
        """Numbers in a patch."""
        return self.latent[0] * self.patch[0] * self.patch[1]


SCENES = Shape()
TINY = Shape(width=32, layers=2, heads=2, axes=(("frame", 2, 100.0), ("row", 3, 30.0), ("column", 3, 30.0)),
             crossed=(1,), inner=2, refine=8, detail=8)
FPS = 8
SIGMAS = (1.0, 0.9375, 0.8333, 0.625)

"""A pool of pictures on disk, filled by worker processes and read while it grows."""

import json
import os
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from .fields import SIZE

SHAPE = (SIZE, SIZE, 3)


class Pool:
    """uint8 pictures [count, 256, 256, 3] in one file, with a mask of those ready.

    `meta[i]` is what the maker returned beside picture i (any JSON value).
    """

    def __init__(self, folder, name, count):
        self.folder, self.name, self.count = Path(folder), name, count
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.u8"
        fresh = not path.exists() or path.stat().st_size != count * int(np.prod(SHAPE))
        mode = "w+" if fresh else "r+"
        self.pictures = np.memmap(path, np.uint8, mode, shape=(count, *SHAPE))
        self.ready = np.memmap(self.folder / f"{name}.ready", np.uint8, mode, shape=(count,))

    def indices(self):
        """Indices of the pictures written so far."""
        return np.flatnonzero(self.ready)

    def meta(self):
        """{index: value} of everything written so far."""
        out = {}
        for part in self.folder.glob(f"{self.name}.*.jsonl"):
            for line in part.read_text().splitlines():
                if line.endswith("]"):
                    index, value = json.loads(line)
                    out[index] = value
        return out


def _fill(folder, name, count, maker, worker, workers):
    os.nice(10)
    pool = Pool(folder, name, count)
    with open(pool.folder / f"{name}.{worker}.jsonl", "a", buffering=1) as log:
        for index in range(worker, count, workers):
            if pool.ready[index]:
                continue
            made, value = maker(index)
            pool.pictures[index] = made
            log.write(json.dumps([index, value]) + "\n")
            pool.ready[index] = 1


def fill(folder, name, count, maker, workers=2):
    """Make every missing picture: maker(index) -> (uint8 picture, JSON value).

    `maker` is a module-level function. Resumes where an earlier call stopped.
    """
    Pool(folder, name, count)
    context = get_context("fork")
    crew = [context.Process(target=_fill, args=(folder, name, count, maker, k, workers)) for k in range(workers)]
    for process in crew:
        process.start()
    for process in crew:
        process.join()
        if process.exitcode:
            raise RuntimeError(f"A worker filling the pool '{name}' ended with code {process.exitcode}; see its traceback above.")

"""The pool of encoded clips: parts of 40 clips, float16 latents and their records."""

import json
import os
from pathlib import Path

import numpy as np
import torch
from torch import multiprocessing

from scenes.codec import encode, shipped_codec
from scenes.world.clips import clip
from shared.export import write_json

PART = 40


def _cover(pictures, bare):
    """How much of each latent cell the subject covers: uint8 [24, 16, 32], 255 = all of it."""
    differ = (np.abs(pictures.astype(np.int16) - bare).max(-1) > 12).astype(np.float32)
    return (255 * differ.reshape(len(pictures), 16, 8, 32, 8).mean((2, 4)) + 0.5).astype(np.uint8)


def _save(folder, name, array):
    np.save(folder / f"{name}.new.npy", array)
    os.replace(folder / f"{name}.new.npy", folder / f"{name}.npy")


def _write(folder, index):
    codec, latents, covers, records = shipped_codec(), [], [], []
    for seed in range(index * PART, (index + 1) * PART):
        pictures, record = clip(seed)
        latents.append(encode(codec, pictures).half().numpy())
        covers.append(_cover(pictures, clip(seed, bare=True)[0]))
        records.append(record)
    _save(folder, f"{index:04}.cover", np.stack(covers))
    write_json(folder / f"{index:04}.json", records)
    _save(folder, f"{index:04}", np.stack(latents))


def _work(folder, rank, parts):
    torch.set_num_threads(1)
    for index in range(rank, parts, 2):
        if not (folder / f"{index:04}.npy").exists():
            _write(folder, index)
            print(f"part {index} of {parts}", flush=True)


def fill(folder, clips):
    """Render and encode clips in two processes; parts already there are kept."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    crew = [multiprocessing.get_context("spawn").Process(target=_work, args=(folder, rank, -(-clips // PART))) for rank in range(2)]
    for process in crew:
        process.start()
    for process in crew:
        process.join()


class Pool:
    """Every part that lies in the folder; `look()` finds those that came since."""

    def __init__(self, folder):
        self.folder, self.parts, self.covers, self.records, self.names = Path(folder), [], [], [], []
        self.look()

    def look(self):
        for path in sorted(self.folder.glob("[0-9]" * 4 + ".npy")):
            if path.name not in self.names:
                self.names.append(path.name)
                self.parts.append(np.load(path, mmap_mode="r"))
                self.covers.append(np.load(path.with_suffix(".cover.npy"), mmap_mode="r"))
                self.records += json.loads(path.with_suffix(".json").read_text())

    def __len__(self):
        return len(self.records)

    def latents(self, index, chunks=slice(None)):
        """float32 [chunks, 3, 16, 16, 32] of one clip."""
        whole = self.parts[index // PART][index % PART].reshape(-1, 3, 16, 16, 32)
        return torch.from_numpy(whole[chunks].astype(np.float32))

    def cover(self, index, chunks=slice(None)):
        """float32 [chunks, 3, 1, 16, 32] of one clip: the part of each cell that its subject covers, 0 to 1."""
        whole = self.covers[index // PART][index % PART].reshape(-1, 3, 1, 16, 32)
        return torch.from_numpy(whole[chunks].astype(np.float32) / 255)

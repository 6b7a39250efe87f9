"""Two single-threaded trainers on one set of weights (Hogwild, Niu et al., 2011).

On two cores that others use as well, a step split over two threads waits for the
slower one at every layer. Two processes that update shared weights without locks
never wait; each keeps its own optimiser state.
"""

import os

import torch
from torch import multiprocessing


class Crew:
    """What the trainers share: the weights' update counts; `rank` 0 logs, averages and saves."""

    def __init__(self, rank, counts):
        self.rank, self.counts = rank, counts

    @property
    def leader(self):
        return self.rank == 0


def launch(worker, net, minutes, settings):
    """Call worker(crew, net, minutes, settings) in two processes on CPU, directly on CUDA.

    worker must be a module-level function; net's weights live in shared memory.
    """
    counts = torch.zeros(2, dtype=torch.int64).share_memory_()
    if torch.cuda.is_available():
        worker(Crew(0, counts), net, minutes, settings)
        return
    net.share_memory()
    os.environ["TRAIN_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    context = multiprocessing.get_context("spawn")
    crew = [context.Process(target=worker, args=(Crew(rank, counts), net, minutes, settings)) for rank in range(2)]
    for process in crew:
        process.start()
    for process in crew:
        process.join()
    if any(process.exitcode for process in crew):
        raise RuntimeError("A trainer ended early; its traceback stands above. Run the stage again with --resume.")

"""The engine's sampler: streaming chunks, one set of caches per solver time (the buffer bank)."""

import torch

SIGMA, T0, CHUNK = 0.1, 0.0, 16
TIMES = {1: [T0], 2: [T0, (1 + T0) / 2]}  # Euler; one midpoint step


def begin(start, noise, t0=T0):
    """phi at t0: start + (1 - t0) sigma noise."""
    return start + (1 - t0) * SIGMA * noise


def solve(velocity, phi, t0=T0, evaluations=2):
    """One step from t0 to 1; velocity(phi, t) -> y - z. One evaluation: Euler; two: the midpoint rule."""
    h = 1 - t0
    first = velocity(phi, t0)
    if evaluations == 1:
        return phi + h * first
    return phi + h * velocity(phi + h / 2 * first, t0 + h / 2)


@torch.no_grad()
def stream(net, start, noise, pose, evaluations=2, t0=T0, chunk=CHUNK, shared=False):
    """Spectra [1, 4, F, 257] of a whole stream, run in chunks of any lengths.

    chunk: frames per run, or a list of them; shared: one cache for all times, which is
    wrong and only there to show it.
    """
    lengths, done, bank, out = chunk, 0, {}, []
    if isinstance(chunk, int):
        lengths = [chunk] * -(-start.shape[2] // chunk)
    for frames in lengths:
        part = slice(done, done + frames)

        def velocity(phi, t):
            key = 0 if shared else t
            caches = bank.get(key) or net.zeros()
            v, *bank[key] = net(phi, start[:, :, part], pose[:, part], torch.tensor([float(t)]), *caches)
            return v

        out.append(solve(velocity, begin(start[:, :, part], noise[:, :, part], t0), t0, evaluations))
        done += frames
    return torch.cat(out, 2)

"""Flow matching from the parametric render to the measured head."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from binaural import parametric, spectra
from binaural.data.head import head
from binaural.data.pool import kept_out
from binaural.net import Velocity
from binaural.sampling import SIGMA, T0, begin, solve
from binaural.scale import COMPRESSION, SPECTRUM_SCALE
from shared import checkpoint
from shared.crew import launch
from shared.export import ROOT, weights
from shared.loop import Loop, device

BATCH, FRAMES = 4, 64
RATE = 1.5e-3
LATEST_TIME = 0.9
LOG_WEIGHT, FLOOR = 0.5, 5e-4
AT_START, ON_PATH = 0.45, 0.35
TURN_HZ = 2500.0


class Clips:
    """Random windows of the pool as compressed spectra; half of them mirrored, levels changed by up to 6 dB."""

    def __init__(self, folder, seed):
        self.rng = np.random.default_rng(seed)
        self.folder, self.names, self.parts = Path(folder), set(), []
        self.refresh()

    def refresh(self):
        """Read the parts that came since."""
        for path in sorted(self.folder.glob("part.*.npz")):
            if path.name not in self.names and ".new." not in path.name:
                with np.load(path) as file:
                    self.parts.append({name: file[name] for name in ("start", "truth", "pose")})
                self.names.add(path.name)
        if not self.parts:
            raise FileNotFoundError(f"There is no training clip in {self.folder}. Run `run.py binaural data` first or pass --pool.")

    def batch(self, count=BATCH, frames=FRAMES):
        """start, truth [B, 4, F, 257] compressed, pose [B, F, 4]."""
        starts, truths, poses = [], [], []
        for _ in range(count):
            part = self.parts[self.rng.integers(len(self.parts))]
            index = self.rng.integers(len(part["pose"]))
            first = self.rng.integers(3, part["pose"].shape[1] - frames + 1)
            samples = slice(first * spectra.HOP - spectra.DELAY, (first + frames) * spectra.HOP)
            start, truth = part["start"][index, :, samples], part["truth"][index, :, samples]
            pose = part["pose"][index, first:first + frames].copy()
            if self.rng.random() < 0.5:
                start, truth = start[::-1], truth[::-1]
                pose[:, 1] *= -1
            gain = np.float32(10 ** self.rng.uniform(-0.3, 0.3))
            starts.append(start.astype(np.float32) * gain)
            truths.append(truth.astype(np.float32) * gain)
            poses.append(pose)
        waves = torch.from_numpy(np.stack([np.stack(starts), np.stack(truths)]))
        planes = compressed(waves)
        return planes[0], planes[1], torch.from_numpy(np.stack(poses))


HANN = torch.from_numpy(spectra.HANN.astype(np.float32))


def compressed(waves):
    """[.., B, 2, N] -> compressed planes [.., B, 4, (N - 384) / 128, 257]; the first frame ends at sample 512."""
    frames = waves.unfold(-1, spectra.WINDOW, spectra.HOP) * HANN
    bins = torch.fft.rfft(frames)
    size = bins.abs().clamp(min=1e-12)
    bins = SPECTRUM_SCALE * bins * size ** (COMPRESSION - 1)
    planes = torch.stack([bins.real, bins.imag], -3)
    return planes.reshape(*planes.shape[:-4], 4, *planes.shape[-2:])


def losses(net, start, truth, pose):
    """(E |u - (y - z)|, distance of the log spectra) at one of three kinds of time.

    Nearly half the batches are at t0, where every sampler begins; a third at the midpoint,
    on the state that the sampler itself would bring there, judged by where its step
    ends; the rest anywhere between, as flow matching has it.
    """
    count, source = len(start), start + SIGMA * torch.randn_like(start)
    kind, clear = float(torch.rand(1)), lambda: net.zeros(count, start)
    at = lambda t: torch.full((count,), float(t), device=start.device)
    if kind < AT_START:
        clean, _ = net.estimate(begin(start, (source - start) / SIGMA), start, pose, at(T0), clear())
        flow = (clean - truth).abs().mean() / (1 - T0)
    elif kind < AT_START + ON_PATH:
        def velocity(phi, t):
            with torch.set_grad_enabled(t != T0):
                return (net.estimate(phi, start, pose, at(t), clear())[0] - phi) / (1 - t)
        clean = solve(velocity, begin(start, (source - start) / SIGMA))
        flow = (clean - truth).abs().mean() / (1 - T0)
    else:
        time = T0 + (LATEST_TIME - T0) * torch.rand(count, device=start.device)
        t = time.reshape(-1, 1, 1, 1)
        sample = t * truth + (1 - t) * source
        clean, _ = net.estimate(sample, start, pose, time, clear())
        flow = ((clean - sample) / (1 - t) - (truth - source)).abs().mean()
    return flow, tone(clean, truth)


def tone(clean, truth):
    """Log-spectral distance per frame, and of the energies of cells of 8 bins and 4 frames, whose levels are less a matter of chance."""
    made, wanted = sizes(clean), sizes(truth)
    fine = (log(made) - log(wanted)).pow(2).mean(-1).add(1e-6).sqrt().mean()
    pooled = (log(F.avg_pool2d(made, (4, 8))) - log(F.avg_pool2d(wanted, (4, 8)))).abs().mean()
    return 0.5 * fine + pooled


def sizes(planes):
    """Squared magnitudes [B, 2, F, 257] of compressed planes."""
    power = planes.pow(2)
    return torch.stack([power[:, 0] + power[:, 1], power[:, 2] + power[:, 3]], 1)


def log(power):
    """Logarithm, floored where nothing is heard."""
    return power.add(FLOOR).log()


def _worker(crew, net, minutes, settings):
    where = device()
    rank = crew.rank
    torch.manual_seed(31 + rank)
    seed = int(np.random.SeedSequence().entropy % 2**31) if settings["resume"] else 100 + rank
    clips = Clips(settings["pool"], seed)
    loop = Loop("velocity", net, settings["folder"], minutes, settings["rate"], decay=0.998, resume=settings["resume"], crew=crew)

    def step(count):
        if count % 200 < 2:
            clips.refresh()
        start, truth, pose = (x.to(where) for x in clips.batch())
        flow, tone = losses(net, start, truth, pose)
        return flow + LOG_WEIGHT * tone

    loop.run(step)


def shipped(path=ROOT / "models" / "binaural" / "velocity.onnx"):
    """The net with the weights of the shipped graph."""
    net = Velocity()
    known, found = net.state_dict(), weights(path)
    missing = [name for name in known if name not in found]
    if missing:
        raise ValueError(f"{path} must hold every weight under its module's name; {', '.join(missing)} is missing. Export it again.")
    net.load_state_dict({name: found[name].reshape(known[name].shape) for name in known})
    return net


def head_gains(directions):
    """Compressed gains [K, 4, 257] by which the measured head differs from the parametric one.

    Above 2.5 kHz they are real: there only magnitudes can be heard, and the phase of
    the difference turns too fast from one direction to the next to be learnt.
    """
    taps, late = head().at(directions)
    hertz = np.fft.rfftfreq(spectra.WINDOW, 1 / parametric.RATE)
    z = np.exp(-2j * np.pi * hertz / parametric.RATE)
    theta = parametric.ear_angles(directions)
    b0, b1 = parametric.shadow(theta)
    model = (b0[..., None] + b1[..., None] * z) / (1 + parametric.POLE * z)
    lag = late - parametric.RATE * parametric.ear_delay(theta)
    ratio = np.fft.rfft(taps, spectra.WINDOW) * z ** lag[..., None] / model
    ratio = np.where(hertz < TURN_HZ, ratio, np.abs(ratio))
    ratio *= np.abs(ratio) ** (COMPRESSION - 1)
    return np.stack([ratio[:, 0].real, ratio[:, 0].imag, ratio[:, 1].real, ratio[:, 1].imag], 1).astype(np.float32)


def fit_head(folder, minutes):
    """The pose gain alone, towards the measured head over the parametric one; leaves checkpoint `velocity` to train on."""
    torch.manual_seed(29)
    net, rng = Velocity().to(device()), np.random.default_rng(29)
    loop = Loop("head", net.gain, folder, minutes, 3e-3, decay=0.99, warm=50)

    def step(_):
        directions = rng.standard_normal((256, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        azimuth, height = np.degrees(np.arctan2(directions[:, 1], directions[:, 0])), directions[:, 2]
        directions = directions[~kept_out(azimuth) & (height > -0.64)]
        far = np.exp(rng.uniform(-0.9, 1.2, (len(directions), 1)))
        pose = torch.from_numpy(np.concatenate([directions, far], 1).astype(np.float32))[None]
        wanted = torch.from_numpy(head_gains(directions)).transpose(0, 1)[None]
        made = net.gain(pose)
        return (made + ONE - wanted).abs().mean()

    loop.run(step)
    net.gain.load_state_dict(loop.average.state_dict())
    whole = Loop("velocity", net, folder, 0, RATE)
    whole.save()


ONE = torch.tensor([1.0, 0.0, 1.0, 0.0]).reshape(1, 4, 1, 1)  # a gain that changes nothing


def train(folder, pool, minutes, resume=False, from_shipped=False, rate=RATE):
    """Leaves checkpoint `velocity`."""
    torch.manual_seed(30)
    net = shipped() if from_shipped else Velocity()
    if resume and checkpoint.exists(folder, "velocity"):
        net.load_state_dict(checkpoint.load(folder, "velocity")["net"])
    net.to(device())
    launch(_worker, net, minutes, {"folder": folder, "pool": pool, "resume": resume, "rate": rate})


def trained(folder):
    """The averaged net of a training folder."""
    if not checkpoint.exists(folder, "velocity"):
        raise FileNotFoundError(f"There is no checkpoint 'velocity' in {folder}. Run `run.py binaural train` first or pass --out.")
    net = Velocity()
    net.load_state_dict(checkpoint.load(folder, "velocity")["average"])
    return net.eval().requires_grad_(False)

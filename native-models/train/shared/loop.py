"""What every training stage shares: budget, schedule, averaging, log, checkpoint."""

import copy
import json
import math
import os
import time
from pathlib import Path

import torch

from shared import checkpoint


def device():
    """CUDA when there is one, else the CPU with at most two threads."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    torch.set_num_threads(int(os.environ.get("TRAIN_THREADS", "2")))
    return torch.device("cpu")


def fast_bfloat16(where):
    """Whether bfloat16 pays: CUDA, or a CPU with AMX or AVX-512 BF16. Elsewhere it is emulated, 15 times slower than float32."""
    if where.type != "cpu":
        return True
    cpu = Path("/proc/cpuinfo")
    return cpu.exists() and any(flag in cpu.read_text() for flag in ("amx_bf16", "avx512_bf16"))


def autocast(where):
    """bfloat16 autocast where it is fast, else plain float32."""
    return torch.autocast(where.type, dtype=torch.bfloat16, enabled=fast_bfloat16(where))


class Loop:
    """Runs step(k) until `minutes` of this call are over.

    net: the module trained; state goes to `folder`/`name`.*; losses to
    `folder`/`name`.log.jsonl as {"step", "seconds", "loss"} (mean of 25 steps).
    With a crew, `step` counts the updates of all trainers, rank 0 alone reports.
    The learning rate warms up over `warm` steps, then falls as a cosine of the time
    used to 2 % of `rate`, because a time budget is what a trainer has.
    """

    def __init__(self, name, net, folder, minutes, rate, decay=0.9995, resume=False, weight_decay=1e-3, crew=None, warm=200):
        self.crew, self.warm = crew, warm
        self.name, self.net, self.folder, self.seconds = name, net, Path(folder), minutes * 60
        self.rate, self.decay = rate, decay
        self.optimiser = torch.optim.AdamW(net.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=weight_decay)
        self.average = copy.deepcopy(net).eval().requires_grad_(False)
        self.step, self.spent, self.share = 0, 0.0, 0.0
        if resume and checkpoint.exists(folder, name):
            state = checkpoint.load(folder, name)
            if crew is None:
                net.load_state_dict(state["net"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.spent = state["step"], state["spent"]

    def save(self):
        """Write the checkpoint (the leader's task when there is a crew)."""
        if self.crew and not self.crew.leader:
            return
        checkpoint.save(self.folder, self.name, {
            "net": dict(self.net.state_dict()), "average": dict(self.average.state_dict()),
            "optimiser": self.optimiser.state_dict(), "step": self.step, "spent": self.spent})

    @torch.no_grad()
    def _average(self):
        weight = min(self.decay, (1 + self.step) / (10 + self.step))
        for slow, fast in zip(self.average.parameters(), self.net.parameters()):
            slow.lerp_(fast.detach(), 1 - weight)

    def run(self, loss_of, every=0, report=None):
        """loss_of(step) -> scalar tensor, `self.share` being the part of the time used; report(step) is called every `every` steps."""
        self.folder.mkdir(parents=True, exist_ok=True)
        begun, before, recent, saved = time.time(), self.spent, [], time.time()
        first = self.step
        done = 0
        leads = self.crew is None or self.crew.leader
        with open(self.folder / f"{self.name}.log.jsonl", "a", buffering=1) as log:
            while time.time() - begun < self.seconds:
                share = self.share = (time.time() - begun) / self.seconds
                rate = self.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share))) * min(1, (self.step - first + 1) / self.warm)
                for group in self.optimiser.param_groups:
                    group["lr"] = rate
                loss = loss_of(self.step)
                self.optimiser.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
                self.optimiser.step()
                done += 1
                self.step += 1
                if self.crew:
                    self.crew.counts[self.crew.rank] = done
                    self.step = first + int(self.crew.counts.sum())
                self.spent = before + time.time() - begun
                recent.append(float(loss.detach()))
                self._average()
                if not leads:
                    continue
                if done % 25 == 0:
                    log.write(json.dumps({"step": self.step, "seconds": round(self.spent), "loss": sum(recent) / len(recent)}) + "\n")
                    recent = []
                if every and self.step % every == 0:
                    report(self.step)
                if time.time() - saved > 120:
                    self.save()
                    saved = time.time()
        self.save()

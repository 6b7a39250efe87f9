"""Muon (Jordan et al., 2024) for the weight matrices of the blocks, Adam for the rest."""

import torch


def orthogonal(matrix, rounds=4):
    """The nearest semi-orthogonal matrix, roughly, by Newton-Schulz (quintic)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(rounds):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Groups with "muon" true are orthogonalised momentum, others Adam; `lr` of every group
    is set from outside, `scale` multiplies it."""

    def __init__(self, net, rate, scale=2.0, decay=1e-3):
        matrices, others = [], []
        for name, weight in net.named_parameters():
            inner = "blocks" in name and weight.dim() == 2 and "film" not in name
            (matrices if inner else others).append(weight)
        super().__init__([{"params": matrices, "muon": True, "scale": scale}, {"params": others, "muon": False, "scale": 1.0}],
                         {"lr": rate, "decay": decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            rate = group["lr"] * group["scale"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["step"], state["first"] = 0, torch.zeros_like(weight)
                    if not group["muon"]:
                        state["second"] = torch.zeros_like(weight)
                state["step"] += 1
                if group["muon"]:
                    state["first"].lerp_(weight.grad, 0.05)
                    ahead = weight.grad.lerp(state["first"], 0.95)
                    weight.mul_(1 - rate * group["decay"])
                    weight.add_(orthogonal(ahead), alpha=-rate * 0.2 * max(weight.shape) ** 0.5)
                else:
                    first, second, k = state["first"], state["second"], state["step"]
                    first.lerp_(weight.grad, 0.1)
                    second.lerp_(weight.grad * weight.grad, 0.02)
                    size = (second / (1 - 0.98 ** k)).sqrt_().add_(1e-8)
                    weight.addcdiv_(first, size, value=-rate / (1 - 0.9 ** k))

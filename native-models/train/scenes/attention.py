"""softmax(q k^T) v one chunk at a time, so that scores stay in the processor's cache.

Scores of a whole batch are tens of megabytes; on a CPU the plain form spends most of
its time moving them. Forward and backward of one chunk touch about two.
"""

import torch


class Tiled(torch.autograd.Function):
    """q [M, A, N, D] (already scaled), k and v [M, A, K, D] -> [M, A, N, D]."""

    @staticmethod
    def forward(ctx, q, k, v):
        out, chances = torch.empty_like(q), []
        wanted = any(ctx.needs_input_grad)
        for m in range(len(q)):
            chance = torch.bmm(q[m], k[m].transpose(1, 2)).softmax(-1)
            torch.bmm(chance, v[m], out=out[m])
            if wanted:
                chances.append(chance)
        ctx.save_for_backward(q, k, v, out, *chances)
        return out

    @staticmethod
    def backward(ctx, grad):
        q, k, v, out, *chances = ctx.saved_tensors
        grad = grad.contiguous()
        dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        inner = (grad * out).sum(-1, keepdim=True)
        for m, chance in enumerate(chances):
            torch.bmm(chance.transpose(1, 2), grad[m], out=dv[m])
            scores = torch.bmm(grad[m], v[m].transpose(1, 2)).sub_(inner[m]).mul_(chance)
            torch.bmm(scores, k[m], out=dq[m])
            torch.bmm(scores.transpose(1, 2), q[m], out=dk[m])
        return dq, dk, dv


def attention(q, k, v):
    """softmax(q k^T / sqrt(D)) v over the last two dims of [B, n, A, N, D]."""
    flat = lambda x: x.flatten(0, 1).contiguous()
    return Tiled.apply(flat(q * q.shape[-1] ** -0.5), flat(k), flat(v)).reshape(q.shape)

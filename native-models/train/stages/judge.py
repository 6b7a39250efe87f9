"""Training of the judge on codec reconstructions of the teacher's pictures."""

import numpy as np
import torch
from torch.nn import functional as F

from data.pairs import pools
from nets.judge import CLASSES, Judge
from .codec import to_tensor
from .loop import Loop, autocast, device

BATCH = 32


def label_of(words):
    """Class index of a target's words."""
    looks = [w for w in words if w in CLASSES]
    return CLASSES.index(looks[0] if looks else "none")


def augment(image):
    """Blur, noise, gain and shift, so that the judge looks at the look and not at pixels."""
    b = image.shape[0]
    if torch.rand(()) < 0.3:
        image = F.avg_pool2d(image, 3, 1, 1)
    image = image * torch.empty(b, 3, 1, 1).uniform_(0.85, 1.15) + torch.empty(b, 3, 1, 1).uniform_(-0.1, 0.1)
    image = image + torch.rand(b, 1, 1, 1) * 0.06 * torch.randn_like(image)
    return image.clamp(-1, 1)


def train(pool_folder, folder, codec, minutes, resume=False):
    """Leaves checkpoint `judge`; prints accuracy on 400 targets kept out of training."""
    where = device()
    torch.manual_seed(41)
    codec = codec.eval().to(where)
    _, targets = pools(pool_folder)
    words, ready = targets.meta(), targets.indices()
    kept, used = ready[:400], ready[400:]
    rng = np.random.default_rng(41)
    net = Judge().to(where, memory_format=torch.channels_last).train()
    loop = Loop("judge", net, folder, minutes, rate=1.5e-3, decay=0.99, resume=resume)

    @torch.no_grad()
    def seen(indices):
        image = to_tensor(targets.pictures[np.sort(indices)]).to(where)
        return codec.decoder(codec.encoder(image)), torch.tensor([label_of(words[i]) for i in np.sort(indices)])

    def loss_of(_):
        image, label = seen(rng.choice(used, BATCH, replace=False))
        with autocast(where):
            logits = net(augment(image.cpu()).to(where))
        return F.cross_entropy(logits.float(), label.to(where))

    loop.run(loss_of)
    with torch.no_grad():
        right = sum(int((loop.average(image).argmax(1).cpu() == label).sum())
                    for image, label in (seen(part) for part in np.split(kept, 10)))
    print(f"judge: {right}/400 held-out targets named right after {loop.step} steps", flush=True)
    return loop.average

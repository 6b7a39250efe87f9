"""Files that a proof must refuse, one mistake each."""

import numpy as np
import onnx

from public import speech
from public.kit import ROOT, Net, noise
from public.pictures import modnet_net

FOLDER = ROOT / "broken"


def decoder(name, input_name="latent_sample", dims=("B", 4, "h", "w")):
    """The decoder of a Stable Diffusion codec, but for one thing."""
    net = Net("vae_decoder")
    latent = net.input(input_name, "float32", list(dims))
    flat = latent if len(dims) == 4 else net.op("Squeeze", latent, net.const(np.array([2], np.int64)))
    blocks = net.op("Conv", flat, net.const(noise(91, 192, 4, 1, 1, scale=0.1)))
    net.output(net.op("DepthToSpace", blocks, blocksize=8, mode="CRD"), "sample", "float32", ["B", 3, "H", "W"])
    net.save(FOLDER / name)


def write(detail, coarse):
    """Every one; detail, coarse: weights of the whole MODNet graph."""
    decoder("renamed.onnx", input_name="z")
    decoder("wrong-rank.onnx", dims=("B", 4, 1, "h", "w"))
    modnet_net(detail, coarse, squash=False).save(FOLDER / "beyond-range.onnx")
    net = Net("modnet")
    x = net.input("input", "float32", ["B", 3, "H", "W"])
    below = net.op("Sub", net.op("Neg", net.op("ReduceSum", net.op("Abs", x), net.const(np.array([1], np.int64)))), net.const(np.float32(1)))
    net.output(net.op("Sqrt", below), "output", "float32", ["B", 1, "H", "W"])
    net.save(FOLDER / "not-numbers.onnx")
    net = Net("compact")
    side = 2**20
    x = net.input("input", "float32", [1, 3, side, side])
    net.output(net.op("DepthToSpace", net.op("Conv", x, net.const(noise(92, 12, 3, 1, 1))), blocksize=2, mode="CRD"),
               "output", "float32", [1, 3, 2 * side, 2 * side])
    net.save(FOLDER / "huge.onnx")
    w = speech.weights(93)
    claims = {**speech.metadata("claims more tokens than it has"), "vocab_size": 1024}
    speech.ctc_net(w).save(FOLDER / "vocabulary-declared.onnx", claims)
    speech.ctc_net(w, width="tokens").save(FOLDER / "vocabulary-free.onnx", claims)
    speech.ctc_net(w).save(FOLDER / "window.onnx", {**speech.metadata("a window that is none"), "window_size": 30})
    net = Net("modnet")
    x = net.input("input", "float32", ["B", 3, "H", "W"])
    net.output(net.op("Sigmoid", net.op("Conv", x, net.const(noise(94, 1, 3, 1, 1)))), "output", "float32", ["B", 1, "H", "W"])
    model = net.model()
    for tensor in model.graph.initializer:
        onnx.external_data_helper.set_external_data(tensor, location="../outside.bin", offset=0, length=12)
        tensor.ClearField("raw_data")
    (FOLDER / "climbs.onnx").write_bytes(model.SerializeToString())

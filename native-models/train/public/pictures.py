"""Picture models: TAESD, MODNet and the compact upscaler, each in the public contract."""

import numpy as np

from public.kit import ROOT, Net, conv, noise, pixel_shuffle, ramp, ramped, told, write_golden

CELL = 32


def taesd(name="taesd", seed=21):
    """Encoder: 8x8 blocks; decoder: blocks of 3 tanh(z / 3), as the published one begins."""
    encode, decode = noise(seed, 4, 3, 8, 8, scale=0.15), noise(seed + 1, 192, 4, 1, 1, scale=0.25)
    net = Net("encoder")
    image = net.input("sample", "float32", ["batch", 3, "height", "width"])
    net.output(net.op("Conv", image, net.const(encode), strides=[8, 8]), "latent_sample", "float32", ["batch", 4, "h", "w"])
    net.save(ROOT / name / "vae_encoder" / "model.onnx")
    net = Net("decoder")
    latent = net.input("latent_sample", "float32", ["batch", 4, "h", "w"])
    third, three = net.const(np.float32(1 / 3)), net.const(np.float32(3))
    soft = net.op("Mul", net.op("Tanh", net.op("Mul", latent, third)), three)
    blocks = net.op("Conv", soft, net.const(decode))
    net.output(net.op("DepthToSpace", blocks, blocksize=8, mode="CRD"), "sample", "float32", ["batch", 3, "height", "width"])
    net.save(ROOT / name / "vae_decoder" / "model.onnx")
    image, latent = ramp(1, (2, 3, 16, 24), -1, 1), ramp(2, (1, 4, 3, 5), -4, 4)
    write_golden(name, [
        {"role": "vae_encoder", "inputs": {"sample": ramped(1, image.shape, -1, 1)},
         "outputs": {"latent_sample": told(conv(image, encode, stride=8))}},
        {"role": "vae_decoder", "inputs": {"latent_sample": ramped(2, latent.shape, -4, 4)},
         "outputs": {"sample": told(pixel_shuffle(conv(3 * np.tanh(latent / 3), decode), 8))}}])


def modnet_net(detail, coarse, squash=True):
    """sigmoid(conv(x) + the mean of each 32x32 cell, weighted); sizes must be multiples of 32."""
    net = Net("modnet")
    x = net.input("input", "float32", ["batch_size", 3, "height", "width"])
    cells = net.op("AveragePool", x, kernel_shape=[CELL, CELL], strides=[CELL, CELL])
    wide = net.op("Resize", cells, "", net.const(np.array([1, 1, CELL, CELL], np.float32)), mode="nearest",
                  coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    total = net.op("Add", net.op("Conv", x, net.const(detail), pads=[1, 1, 1, 1]), net.op("Conv", wide, net.const(coarse)))
    net.output(net.op("Sigmoid", total) if squash else total, "output", "float32", ["batch_size", 1, "height", "width"])
    return net


def modnet(name="modnet", seed=31):
    """A matte between 0 and 1."""
    detail, coarse = noise(seed, 1, 3, 3, 3, scale=0.5), noise(seed + 1, 1, 3, 1, 1, scale=2)
    modnet_net(detail, coarse).save(ROOT / name / "model.onnx")
    x = ramp(1, (1, 3, 64, 32), -1, 1)
    cells = x.reshape(1, 3, 2, CELL, 1, CELL).mean((3, 5)).repeat(CELL, 2).repeat(CELL, 3)
    matte = 1 / (1 + np.exp(-conv(x, detail, pad=1) - conv(cells, coarse)))
    write_golden(name, [{"role": "model", "inputs": {"input": ramped(1, x.shape, -1, 1)}, "outputs": {"output": told(matte)}}])
    return detail, coarse


def upscaler(name, scale, prelu, seed, dtype=np.float32, names=("input", "output")):
    """Two convolutions with PReLU or ReLU between, pixel shuffle, and the picture itself enlarged added."""
    kind, f = np.dtype(dtype).name, lambda w: w.astype(np.float64)
    first, slope = noise(seed, 8, 3, 3, 3, scale=0.3, dtype=dtype), np.abs(noise(seed + 1, 8, 1, 1, scale=0.2, dtype=dtype))
    last = noise(seed + 2, 3 * scale**2, 8, 3, 3, scale=0.05, dtype=dtype)
    net = Net("compact", dtype)
    x = net.input(names[0], kind, ["batch_size", 3, "height", "width"])
    seen = net.op("Conv", x, net.const(first), pads=[1, 1, 1, 1])
    seen = net.op("PRelu", seen, net.const(slope)) if prelu else net.op("Relu", seen)
    shuffled = net.op("DepthToSpace", net.op("Conv", seen, net.const(last), pads=[1, 1, 1, 1]), blocksize=scale, mode="CRD")
    net.weights["scales"] = np.array([1, 1, scale, scale], np.float32)
    near = net.op("Resize", x, "", "scales", mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    net.output(net.op("Add", shuffled, near), names[1], kind, ["batch_size", 3, "out_height", "out_width"])
    net.save(ROOT / name / "model.onnx")
    x = ramp(1, (1, 3, 10, 14), 0, 1, kind)
    y = conv(x, f(first), pad=1)
    y = np.where(y > 0, y, f(slope) * y if prelu else 0)
    y = pixel_shuffle(conv(y, f(last), pad=1), scale) + x.repeat(scale, 2).repeat(scale, 3)
    write_golden(name, [{"role": "model", "inputs": {"input": ramped(1, x.shape, 0, 1, kind)}, "outputs": {"output": told(y)}}])


def write():
    """Every picture model."""
    taesd()
    upscaler("upscale-x4", 4, True, 41)
    upscaler("upscale-x2", 2, False, 51, names=("images", "upscaled"))
    upscaler("upscale-x4-fp16", 4, True, 61, dtype=np.float16)
    return modnet()

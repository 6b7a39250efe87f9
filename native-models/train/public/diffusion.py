"""Stable Diffusion in the Optimum layout: text encoder, U-Net, codec, in the variants that exist."""

import numpy as np

from public.kit import ROOT, Net, conv, given, noise, pixel_shuffle, ramp, ramped, told, write_golden

LENGTH, LATENT, GUIDANCE, BLOCK = 77, 4, 256, 8


class Weights:
    """The weights of one variant, rounded as its files hold them."""

    def __init__(self, seed, width, vocabulary, dtype):
        make = lambda n, *shape, scale: noise(seed * 100 + n, *shape, scale=scale, dtype=dtype)
        self.table, self.place = make(0, vocabulary, 6, scale=1.0), make(1, LENGTH, 6, scale=0.3)
        self.widen = make(2, 6, width, scale=0.4)
        self.mix, self.heard = make(3, LATENT, LATENT, 3, 3, scale=0.2), make(4, width, LATENT, scale=0.1)
        self.time, self.guidance = make(5, 1, LATENT, scale=0.5), make(6, GUIDANCE, LATENT, scale=0.05)
        self.encode, self.decode = make(7, 2 * LATENT, 3, BLOCK, BLOCK, scale=0.1), make(8, 3 * BLOCK**2, LATENT, 1, 1, scale=0.3)


def text_encoder(w, folder, dtype, ids_kind):
    """hidden = tanh(table[ids] + place) widen; pooled = its mean."""
    kind, net, width = np.dtype(dtype).name, Net("text_encoder", dtype), w.widen.shape[1]
    ids = net.input("input_ids", ids_kind, ["batch_size", "sequence_length"])
    seen = net.op("Tanh", net.op("Add", net.op("Gather", net.const(w.table), ids), net.const(w.place)))
    hidden = net.op("MatMul", seen, net.const(w.widen))
    net.output(hidden, "last_hidden_state", kind, ["batch_size", "sequence_length", width])
    net.output(net.op("ReduceMean", hidden, axes=[1], keepdims=0), "pooler_output", kind, ["batch_size", width])
    net.save(folder / "text_encoder" / "model.onnx")


def unet(w, folder, dtype, timestep, guided, external):
    """out = tanh(conv(sample)) + mean(text) heard + t / 1000 time (+ cond guidance); timestep: (type, dims)."""
    kind, net, width = np.dtype(dtype).name, Net("unet", dtype), w.widen.shape[1]
    latent = ["batch_size", LATENT, "height", "width"]
    sample = net.input("sample", kind, latent)
    t = net.op("Cast", net.input("timestep", *timestep), to=10 if dtype == np.float16 else 1)
    text = net.input("encoder_hidden_states", kind, ["batch_size", "sequence_length", width])
    by_text = net.op("MatMul", net.op("ReduceMean", text, axes=[1], keepdims=0), net.const(w.heard))
    column = net.op("Reshape", net.op("Mul", t, net.const(np.float32(0.001))), net.const(np.array([-1, 1], np.int64)))
    bias = net.op("Add", by_text, net.op("MatMul", column, net.const(w.time)))
    if guided:
        cond = net.input("timestep_cond", kind, ["batch_size", GUIDANCE])
        bias = net.op("Add", bias, net.op("MatMul", cond, net.const(w.guidance)))
    mixed = net.op("Tanh", net.op("Conv", sample, net.const(w.mix), pads=[1, 1, 1, 1]))
    out = net.op("Add", mixed, net.op("Unsqueeze", bias, net.const(np.array([2, 3], np.int64))))
    net.output(out, "out_sample", kind, latent)
    net.save(folder / "unet" / "model.onnx", external="model.onnx_data" if external else None)


def codec(w, folder, dtype, mean_only):
    """An 8x8 block transform; mean_only: the old encoder that gives the latent itself."""
    kind, channels = np.dtype(dtype).name, LATENT if mean_only else 2 * LATENT
    net = Net("vae_encoder", dtype)
    image = net.input("sample", kind, ["batch_size", 3, "sample_height", "sample_width"])
    net.output(net.op("Conv", image, net.const(w.encode[:channels]), strides=[BLOCK, BLOCK]),
               "latent_sample" if mean_only else "latent_parameters", kind, ["batch_size", channels, "h", "w"])
    net.save(folder / "vae_encoder" / "model.onnx")
    net = Net("vae_decoder", dtype)
    latent = net.input("latent_sample", kind, ["batch_size", LATENT, "latent_height", "latent_width"])
    blocks = net.op("Conv", latent, net.const(w.decode))
    net.output(net.op("DepthToSpace", blocks, blocksize=BLOCK, mode="CRD"), "sample", kind, ["batch_size", 3, "height", "width"])
    net.save(folder / "vae_decoder" / "model.onnx")


def golden(w, dtype, ids, ids_kind, timestep, guided, mean_only):
    """One run of each graph, worked out in float64 from the same weights."""
    kind, f = np.dtype(dtype).name, lambda x: x.astype(np.float64)
    width = w.widen.shape[1]
    hidden = np.tanh(f(w.table)[ids] + f(w.place)) @ f(w.widen)
    rows = 2 if timestep[1] else 1
    steps = np.array([999, 259][:rows])
    fed = ramp(3, (rows, LATENT, 8, 12), -3, 3, kind)
    text = ramp(4, (rows, LENGTH, width), -1, 1, kind)
    bias = text.mean(1) @ f(w.heard) + steps[:, None] / 1000 * f(w.time)
    inputs = {"sample": ramped(3, fed.shape, -3, 3, kind), "encoder_hidden_states": ramped(4, text.shape, -1, 1, kind),
              "timestep": given(steps if timestep[1] else steps[0], timestep[0])}
    if timestep[1] == [1]:
        # One step for all rows.
        inputs["timestep"], bias = given(steps[:1], timestep[0]), text.mean(1) @ f(w.heard) + 0.999 * f(w.time)
    if guided:
        inputs["timestep_cond"] = ramped(5, (rows, GUIDANCE), -1, 1, kind)
        bias = bias + ramp(5, (rows, GUIDANCE), -1, 1, kind) @ f(w.guidance)
    out = np.tanh(conv(fed, f(w.mix), pad=1)) + bias[:, :, None, None]
    image, latent = ramp(6, (1, 3, 32, 48), -1, 1, kind), ramp(7, (1, LATENT, 4, 6), -3, 3, kind)
    parameters = conv(image, f(w.encode), stride=BLOCK)
    encoded = {"latent_sample": told(parameters[:, :LATENT])} if mean_only else {"latent_parameters": told(parameters)}
    return [
        {"role": "text_encoder", "inputs": {"input_ids": given(ids[None], ids_kind)},
         "outputs": {"last_hidden_state": told(hidden[None]), "pooler_output": told(hidden.mean(0)[None])}},
        {"role": "unet", "inputs": inputs, "outputs": {"out_sample": told(out)}},
        {"role": "vae_encoder", "inputs": {"sample": ramped(6, image.shape, -1, 1, kind)}, "outputs": encoded},
        {"role": "vae_decoder", "inputs": {"latent_sample": ramped(7, latent.shape, -3, 3, kind)},
         "outputs": {"sample": told(pixel_shuffle(conv(latent, f(w.decode)), BLOCK))}}]


def write(name, seed, tokenizer, width=768, dtype=np.float32, ids_kind="int64", timestep=("int64", ["batch_size"]),
          guided=False, mean_only=False, external=False, pad="<|endoftext|>"):
    """One variant with everything that an engine needs of it."""
    folder, w = ROOT / name, Weights(seed, width, tokenizer.size, dtype)
    text_encoder(w, folder, dtype, ids_kind)
    unet(w, folder, dtype, timestep, guided, external)
    codec(w, folder, dtype, mean_only)
    tokenizer.write(folder / "tokenizer", pad)
    ids = np.array(tokenizer.padded("a cat in the snow, watercolour", pad))
    write_golden(name, golden(w, dtype, ids, ids_kind, timestep, guided, mean_only))
    return w

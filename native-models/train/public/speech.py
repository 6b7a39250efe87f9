"""Streaming speech models as sherpa-onnx exports them from NeMo: CTC in one graph, transducer in three."""

import numpy as np

from public.kit import ROOT, Net, carried, given, noise, ramp, ramped, told, write_golden

BANDS, LAYERS, WIDTH, LEFT, TIME, LOOK_AHEAD = 80, 2, 8, 6, 4, 1
PIECES = ["\u2581the", "\u2581a", "\u2581", "s", "t", "e"]
SHIFT = 8 * (LOOK_AHEAD + 1)
WINDOW = SHIFT + 9
HIDDEN, JOINT = 6, 10
# How much the blank is preferred, so that random weights do not speak without end.
LEAN = 2


def weights(seed):
    """Of the sub-sampling, then of each layer: attention and convolution."""
    return {"bands": noise(seed, WIDTH, BANDS, 1, scale=0.03), "frames": noise(seed + 1, WIDTH, 1, 16, scale=0.3),
            "attend": noise(seed + 2, LAYERS, WIDTH, WIDTH, scale=0.4), "convolve": noise(seed + 3, LAYERS, WIDTH, 1, TIME + 1, scale=0.4),
            "head": noise(seed + 4, WIDTH, len(PIECES) + 1, scale=0.8)}


def metadata(comment, **more):
    """metadata_props with the keys of the public exports."""
    return {"vocab_size": len(PIECES), "window_size": WINDOW, "chunk_shift": SHIFT, "normalize_type": "",
            "cache_last_channel_dim1": LAYERS, "cache_last_channel_dim2": LEFT, "cache_last_channel_dim3": WIDTH,
            "cache_last_time_dim1": LAYERS, "cache_last_time_dim2": WIDTH, "cache_last_time_dim3": TIME,
            **more, "subsampling_factor": 8, "model_type": "EncDecHybridRNNTCTCBPEModel", "version": "1",
            "model_author": "random weights", "url": "native-models/train/public", "comment": comment}


def encoder_net(w):
    """The streaming encoder as far as [B, T', D]; answers with net, frames and what goes into the next chunk."""
    net, free = Net("encoder"), lambda name, n: f"{name}_dynamic_axes_{n}"
    i = lambda *values: net.const(np.array(values, np.int64))
    audio = net.input("audio_signal", "float32", [free("audio_signal", 1), BANDS, free("audio_signal", 2)])
    length = net.input("length", "int64", [free("length", 1)])
    channel = net.input("cache_last_channel", "float32", [free("cache_last_channel", 1), LAYERS, free("cache_last_channel", 2), WIDTH])
    time = net.input("cache_last_time", "float32", [free("cache_last_time", 1), LAYERS, WIDTH, free("cache_last_time", 2)])
    filled = net.input("cache_last_channel_len", "int64", [free("cache_last_channel_len", 1)])
    later = net.op("Slice", audio, i(1), i(2**62), i(2))
    narrow = net.op("Conv", later, net.const(w["bands"]))
    x = net.op("Transpose", net.op("Tanh", net.op("Conv", narrow, net.const(w["frames"]), strides=[8], group=WIDTH)), perm=[0, 2, 1])
    chunk = net.op("Gather", net.op("Shape", x), i(1))
    start = net.op("Unsqueeze", net.op("Sub", i(LEFT), filled), i(1))
    mask = net.op("Unsqueeze", net.op("Cast", net.op("GreaterOrEqual", i(*range(LEFT)), start), to=1), i(2))
    many = net.op("Add", filled, chunk)
    count = net.op("Unsqueeze", net.op("Cast", many, to=1), i(1, 2))
    channels, times = [], []
    for layer in range(LAYERS):
        index = net.const(np.array(layer, np.int64))
        past, before = net.op("Gather", channel, index, axis=1), net.op("Gather", time, index, axis=1)
        total = net.op("Add", net.op("ReduceSum", net.op("Mul", past, mask), i(1)), net.op("ReduceSum", x, i(1)))
        y = net.op("Add", x, net.op("Tanh", net.op("MatMul", net.op("Div", total, count), net.const(w["attend"][layer]))))
        channels.append(net.op("Unsqueeze", net.op("Slice", net.op("Concat", past, x, axis=1), i(-LEFT), i(2**62), i(1)), i(1)))
        line = net.op("Concat", before, net.op("Transpose", y, perm=[0, 2, 1]), axis=2)
        times.append(net.op("Unsqueeze", net.op("Slice", line, i(-TIME), i(2**62), i(2)), i(1)))
        heard = net.op("Tanh", net.op("Conv", line, net.const(w["convolve"][layer]), group=WIDTH))
        x = net.op("Add", y, net.op("Transpose", heard, perm=[0, 2, 1]))
    lengths = net.op("Div", net.op("Sub", length, i(9)), i(8))
    return net, x, (lengths, net.op("Concat", *channels, axis=1), net.op("Concat", *times, axis=1), net.op("Min", many, i(LEFT)))


def declare_next(net, values):
    """The four outputs after the first, as the public exports name them."""
    lengths, channels, times, filled = values
    net.output(lengths, "encoded_lengths", "int64", ["encoded_lengths_dynamic_axes_1"])
    net.output(channels, "cache_last_channel_next", "float32", ["B", LAYERS, "cache_last_channel_next_dynamic_axes_2", WIDTH])
    net.output(times, "cache_last_time_next", "float32", ["B", LAYERS, WIDTH, "cache_last_time_next_dynamic_axes_2"])
    net.output(filled, "cache_last_channel_next_len", "int64", ["cache_last_channel_next_len_dynamic_axes_1"])


def step(w, audio, channel, time, filled):
    """The encoder in numpy, of one stream: [80, T] and caches to [T', D] and caches."""
    narrow = w["bands"][:, :, 0].astype(np.float64) @ audio[:, 1:]
    starts = range(0, narrow.shape[1] - 15, 8)
    x = np.tanh(np.stack([(narrow[:, s:s + 16] * w["frames"][:, 0]).sum(1) for s in starts]))
    channels, times = [], []
    for layer in range(LAYERS):
        past = channel[layer]
        seen = np.concatenate([past[LEFT - filled:], x])
        y = x + np.tanh(seen.mean(0) @ w["attend"][layer])
        channels.append(np.concatenate([past, x])[-LEFT:])
        line = np.concatenate([time[layer], y.T], 1)
        times.append(line[:, -TIME:])
        heard = [(line[:, t:t + TIME + 1] * w["convolve"][layer][:, 0]).sum(1) for t in range(len(x))]
        x = y + np.tanh(np.stack(heard))
    return x, np.stack(channels), np.stack(times), min(filled + len(x), LEFT)


def log_softmax(x):
    """Along the last axis."""
    return x - np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)) - x.max(-1, keepdims=True)


def golden(w, role, first, result, chunks=4):
    """A stream of chunks, each with the caches of the one before; result: (name, frames -> values)."""
    runs, frames = [], []
    channel, time, filled = np.zeros((LAYERS, LEFT, WIDTH)), np.zeros((LAYERS, WIDTH, TIME)), 0
    for chunk in range(chunks):
        dims = (1, BANDS, WINDOW)
        inputs = {"audio_signal": ramped(first + chunk, dims, -12, 4), "length": given([WINDOW], "int64")}
        inputs |= ({"cache_last_channel": given(channel[None], "float32"), "cache_last_time": given(time[None], "float32"),
                    "cache_last_channel_len": given([0], "int64")} if chunk == 0 else
                   {"cache_last_channel": carried("cache_last_channel_next"), "cache_last_time": carried("cache_last_time_next"),
                    "cache_last_channel_len": carried("cache_last_channel_next_len")})
        x, channel, time, filled = step(w, ramp(first + chunk, dims, -12, 4)[0], channel, time, filled)
        frames.append(x)
        runs.append({"role": role, "inputs": inputs, "outputs": {
            result[0]: told(result[1](x)[None]), "encoded_lengths": told([len(x)]), "cache_last_channel_next": told(channel[None]),
            "cache_last_time_next": told(time[None]), "cache_last_channel_next_len": told([filled])}})
    return runs, np.concatenate(frames)


def ctc_net(w, width=None):
    """The one graph of the CTC export; width: how the last axis is declared."""
    net, x, values = encoder_net(w)
    scores = net.op("LogSoftmax", net.op("MatMul", x, net.const(w["head"])), axis=-1)
    net.output(scores, "logprobs", "float32", ["logprobs_dynamic_axes_1", "logprobs_dynamic_axes_2", width or len(PIECES) + 1])
    declare_next(net, values)
    return net


def write_tokens(folder):
    """tokens.txt, the blank last."""
    (ROOT / folder / "tokens.txt").write_text("".join(f"{piece} {i}\n" for i, piece in enumerate(PIECES + ["<blk>"])), encoding="utf-8")


def ctc(name="nemo-ctc", seed=225):
    """Graph, tokens, a stream of four chunks and what greedy decoding hears in it."""
    w = weights(seed)
    ctc_net(w).save(ROOT / name / "model.onnx", metadata("Only the CTC branch is exported"))
    write_tokens(name)
    runs, frames = golden(w, "model", 1, ("logprobs", lambda x: log_softmax(x @ w["head"].astype(np.float64))))
    best = (frames @ w["head"]).argmax(1).tolist()
    ids = [b for n, b in enumerate(best) if b != len(PIECES) and (n == 0 or best[n - 1] != b)]
    write_golden(name, runs, best=best, greedy=ids)
    return w


def decoder_net(table, w, r, bias):
    """Prediction network: an embedding and one LSTM, with the odd names that its exporter gives."""
    net = Net("decoder")
    targets = net.input("targets", "int32", ["targets_dynamic_axes_1", "targets_dynamic_axes_2"])
    length = net.input("target_length", "int32", ["target_length_dynamic_axes_1"])
    hidden = net.input("states.1", "float32", [1, "states.1_dim_1", HIDDEN])
    cell = net.input("onnx::LSTM_3", "float32", [1, 1, HIDDEN])
    x = net.op("Transpose", net.op("Gather", net.const(table), targets), perm=[1, 0, 2])
    y, h, c = net.op("LSTM", x, net.const(w), net.const(r), net.const(bias), "", hidden, cell, count=3, hidden_size=HIDDEN)
    out = net.op("Transpose", net.op("Squeeze", y, net.const(np.array([1], np.int64))), perm=[1, 2, 0])
    net.output(out, "outputs", "float32", ["outputs_dynamic_axes_1", HIDDEN, "outputs_dynamic_axes_2"])
    net.output(length, "prednet_lengths", "int32", ["prednet_lengths_dynamic_axes_1"])
    net.output(h, "states", "float32", [1, "states_dynamic_axes_1", HIDDEN])
    net.output(c, "74", "float32", [1, "LSTM74_dim_1", HIDDEN])
    return net


def joiner_net(encode, predict, last, lean):
    """relu(encoder frame encode + prediction predict) last + lean."""
    net = Net("joiner")
    i = lambda *values: net.const(np.array(values, np.int64))
    enc = net.input("encoder_outputs", "float32", ["encoder_outputs_dynamic_axes_1", WIDTH, "encoder_outputs_dynamic_axes_2"])
    dec = net.input("decoder_outputs", "float32", ["decoder_outputs_dynamic_axes_1", HIDDEN, "decoder_outputs_dynamic_axes_2"])
    project = lambda x, w: net.op("MatMul", net.op("Transpose", x, perm=[0, 2, 1]), net.const(w))
    both = net.op("Add", net.op("Unsqueeze", project(enc, encode), i(2)), net.op("Unsqueeze", project(dec, predict), i(1)))
    logits = net.op("Add", net.op("MatMul", net.op("Relu", both), net.const(last)), net.const(lean))
    net.output(logits, "outputs", "float32", [f"outputs_dynamic_axes_{n}" for n in (1, 2, 3)] + [len(PIECES) + 1])
    return net


def lstm(x, h, c, w, r, bias):
    """One step; gates in the order input, output, forget, cell."""
    gates = x @ w[0].T + h @ r[0].T + bias[0, :4 * HIDDEN] + bias[0, 4 * HIDDEN:]
    squash = lambda v: 1 / (1 + np.exp(-v))
    i, o, f, g = (gates[n * HIDDEN:(n + 1) * HIDDEN] for n in range(4))
    c = squash(f) * c + squash(i) * np.tanh(g)
    return squash(o) * np.tanh(c), c


def transduce(frames, table, cell, join):
    """Greedy decoding: up to ten tokens a frame, states that change with a token only."""
    blank, ids = len(PIECES), []
    h, c = lstm(table[blank].astype(np.float64), np.zeros(HIDDEN), np.zeros(HIDDEN), *cell)
    for frame in frames:
        for _ in range(10):
            best = int(join(frame, h).argmax())
            if best == blank:
                break
            ids.append(best)
            h, c = lstm(table[best].astype(np.float64), h, c, *cell)
    return ids


def transducer(name="nemo-transducer", seed=200):
    """Encoder, decoder and joiner, a stream of four chunks, two steps of the decoder in a row, what is heard."""
    w, folder = weights(seed), ROOT / name
    net, x, values = encoder_net(w)
    net.output(net.op("Transpose", x, perm=[0, 2, 1]), "outputs", "float32", ["outputs_dynamic_axes_1", WIDTH, "outputs_dynamic_axes_2"])
    declare_next(net, values)
    net.save(folder / "encoder.onnx", metadata("Only the transducer branch is exported", pred_rnn_layers=1, pred_hidden=HIDDEN))
    table = noise(seed + 10, len(PIECES) + 1, HIDDEN)
    cell = [noise(seed + 11 + n, *shape, scale=0.8) for n, shape in enumerate([(1, 4 * HIDDEN, HIDDEN)] * 2 + [(1, 8 * HIDDEN)])]
    decoder_net(table, *cell).save(folder / "decoder.onnx")
    encode, predict = noise(seed + 14, WIDTH, JOINT), noise(seed + 15, HIDDEN, JOINT, scale=4)
    last, lean = noise(seed + 16, JOINT, len(PIECES) + 1, scale=0.5), np.array([0] * len(PIECES) + [LEAN], np.float32)
    joiner_net(encode, predict, last, lean).save(folder / "joiner.onnx")
    write_tokens(name)
    cell64 = [part.astype(np.float64) for part in cell]
    join = lambda frame, hidden: np.maximum(frame @ encode.astype(np.float64) + hidden @ predict.astype(np.float64), 0) @ last + lean
    runs, frames = golden(w, "encoder", 11, ("outputs", lambda frames: frames.T))
    h = c = np.zeros(HIDDEN)
    for n, target in enumerate((len(PIECES), 2)):
        state = {"hidden": given(np.zeros((1, 1, HIDDEN)), "float32"), "cell": given(np.zeros((1, 1, HIDDEN)), "float32")}
        h, c = lstm(table[target].astype(np.float64), h, c, *cell64)
        runs.append({"role": "decoder", "inputs": {
            "targets": given([[target]], "int32"), "target_length": given([1], "int32"),
            **(state if n == 0 else {"hidden": carried("hidden_next"), "cell": carried("cell_next")})},
            "outputs": {"outputs": told(h[None, :, None]), "prednet_lengths": told([1]),
                        "hidden_next": told(h[None, None]), "cell_next": told(c[None, None])}})
    frame, prediction = ramp(31, (1, WIDTH, 1), -1, 1), ramp(32, (1, HIDDEN, 1), -1, 1)
    runs.append({"role": "joiner", "inputs": {"encoder_outputs": ramped(31, frame.shape, -1, 1),
                                              "decoder_outputs": ramped(32, prediction.shape, -1, 1)},
                 "outputs": {"logits": told(join(frame[0, :, 0], prediction[0, :, 0])[None, None, None])}})
    write_golden(name, runs, greedy=transduce(frames, table, cell64, join))

"""Counter-based noise shared bit for bit with the TypeScript twin.

Philox 4x32-10 after Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3"
(SC 2011). Convention of this project: key = (seed_lo, seed_hi), counter =
(block_lo, block_hi, stream, 0); every block gives four u32 words and, by
Box-Muller, four normals.
"""

import numpy as np

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (0x9E3779B9, 0xBB67AE85)
MASK = np.uint64(0xFFFFFFFF)
ROUNDS = 10


def philox_block(counter, key):
    """Philox 4x32-10 of counters [..., 4] u32 under one key (k0, k1): u32 [..., 4]."""
    c0, c1, c2, c3 = (np.asarray(counter[..., i], dtype=np.uint64) for i in range(4))
    k0, k1 = int(key[0]), int(key[1])
    for _ in range(ROUNDS):
        p0, p1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (p1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0),
            p1 & MASK,
            (p0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1),
            p0 & MASK,
        )
        k0, k1 = (k0 + WEYL[0]) & 0xFFFFFFFF, (k1 + WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def words(seed, stream, blocks, first_block=0):
    """`blocks` consecutive blocks of a stream as u32 [blocks, 4]; seed is a u64."""
    index = np.arange(first_block, first_block + blocks, dtype=np.uint64)
    counter = np.zeros((blocks, 4), dtype=np.uint64)
    counter[:, 0] = index & MASK
    counter[:, 1] = index >> np.uint64(32)
    counter[:, 2] = np.uint64(stream)
    return philox_block(counter, (seed & 0xFFFFFFFF, seed >> 32))


def normals(seed, stream, count):
    """`count` standard normals of a stream, float32, in block order.

    Box and Muller (1958) in float64: u1 = (x0+1)/2^32 is never zero, so its
    logarithm is finite.
    """
    x = words(seed, stream, (count + 3) // 4).astype(np.float64)
    scale = 2.0**-32
    out = np.empty((x.shape[0], 4), dtype=np.float64)
    for pair in (0, 2):
        radius = np.sqrt(-2.0 * np.log((x[:, pair] + 1.0) * scale))
        angle = 2.0 * np.pi * (x[:, pair + 1] * scale)
        out[:, pair] = radius * np.cos(angle)
        out[:, pair + 1] = radius * np.sin(angle)
    return out.reshape(-1)[:count].astype(np.float32)


def normal_tensor(seed, stream, shape):
    """Normals of a stream shaped as an array (row-major), float32."""
    return normals(seed, stream, int(np.prod(shape))).reshape(shape)


def vectors():
    """What contracts/noise-vectors.json holds: raw words and normals of several streams."""
    streams = []
    for seed, stream in ((0, 0), (1, 0), (1, 1), (42, 7), (0xDEADBEEF, 3), (0x123456789ABCDEF, 2), (2**53 - 1, 0)):
        streams.append({"seed": str(seed), "stream": stream, "words": words(seed, stream, 4).ravel().tolist(),
                        "normals": [float(v) for v in normals(seed, stream, 16)]})
    far = words(42, 7, 1, first_block=2**32 + 5).ravel().tolist()
    return {"generator": "Philox 4x32-10", "key": ["seedLow", "seedHigh"], "counter": ["blockLow", "blockHigh", "stream", 0],
            "normals": "Box-Muller in float64, rounded to float32; u1 = (x0+1)*2^-32, u2 = x1*2^-32",
            "streams": streams, "farBlock": {"seed": "42", "stream": 7, "block": str(2**32 + 5), "words": far}}

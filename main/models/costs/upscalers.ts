import { conv, learnt, repeat, sum, type Cost } from './cost';

/**
 * Real-ESRGAN's SRVGGNetCompact (xinntao/Real-ESRGAN, `archs/srvgg_arch.py`): `convolutions` of 64
 * features with PReLU between a first and a last one, all at the size of the input, then a pixel shuffle.
 * @param area pixels of the input
 */
export function compactUpscaler(convolutions: number, factor: number, area: number): Cost {
  const features = 64;
  const prelu = learnt(features);
  return sum(
    conv({ from: 3, to: features, area }),
    prelu,
    repeat(convolutions, sum(conv({ from: features, to: features, area }), prelu)),
    conv({ from: features, to: 3 * factor ** 2, area }),
  );
}

/**
 * ESRGAN's RRDBNet as Real-ESRGAN x2 plus has it (BasicSR, `archs/rrdbnet_arch.py`): the input is folded
 * by 2 into 12 channels, 23 blocks of three dense blocks work there, two nearest enlargements follow.
 * @param area pixels of the input
 */
export function residualDenseUpscaler2x(area: number): Cost {
  const [features, grow, blocks] = [64, 32, 23];
  const small = area / 4;
  const dense = sum(
    ...[0, 1, 2, 3].map((made) => conv({ from: features + made * grow, to: grow, area: small })),
    conv({ from: features + 4 * grow, to: features, area: small }),
  );
  const same = (at: number) => conv({ from: features, to: features, area: at });
  return sum(
    conv({ from: 12, to: features, area: small }),
    repeat(blocks, repeat(3, dense)),
    same(small),
    same(area),
    same(4 * area),
    same(4 * area),
    conv({ from: features, to: 3, area: 4 * area }),
  );
}

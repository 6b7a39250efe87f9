import { conv, repeat, sum, type Cost } from './cost';

const FEATURES = 64;
const LATENT = 4;

/** Three convolutions beside an identity; `area`: positions it works on. */
function block(area: number): Cost {
  return repeat(3, conv({ from: FEATURES, to: FEATURES, area }));
}

/** A convolution without bias, at the size that it leads to. */
function change(area: number): Cost {
  return conv({ from: FEATURES, to: FEATURES, area, bias: false });
}

/** TAESD's encoder (madebyollin/taesd, `taesd.py`); `area`: pixels of the picture. */
export function taesdEncoder(area: number): Cost {
  return sum(
    conv({ from: 3, to: FEATURES, area }),
    block(area),
    ...[4, 16, 64].map((smaller) => sum(change(area / smaller), repeat(3, block(area / smaller)))),
    conv({ from: FEATURES, to: LATENT, area: area / 64 }),
  );
}

/** TAESD's decoder; `area`: pixels of the picture it makes. */
export function taesdDecoder(area: number): Cost {
  return sum(
    conv({ from: LATENT, to: FEATURES, area: area / 64 }),
    ...[64, 16, 4].map((smaller) => sum(repeat(3, block(area / smaller)), change((4 * area) / smaller))),
    block(area),
    conv({ from: FEATURES, to: 3, area }),
  );
}

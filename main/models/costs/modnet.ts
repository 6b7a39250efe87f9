import { conv, learnt, linear, norm, sum, type Cost } from './cost';

/** Blocks of MobileNetV2: expansion, channels, how many, stride of the first. */
const BACKBONE = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const LAST = 1280;
const HIGH = 32;

/**
 * MODNet at inference (ZHKKKe/MODNet, `src/models/modnet.py`): a MobileNetV2, the low-resolution branch,
 * the high-resolution branch and the fusion. The two heads that only training uses are left out, as the
 * official export leaves them out.
 * @param area pixels of the picture
 */
export function modnet(area: number): Cost {
  return sum(mobileNet(area), lowBranch(area), highBranch(area), fusion(area));
}

/** MobileNetV2 without its classifier, each convolution followed by a batch norm. */
function mobileNet(area: number): Cost {
  const parts: Cost[] = [];
  const plain = (from: number, to: number, at: number, kernel = 1, groups = 1) =>
    parts.push(conv({ from, to, area: at, kernel, groups, bias: false }), norm(to));
  let [at, from] = [area / 4, 32];
  plain(3, from, at, 3);
  for (const [expansion, to, times, stride] of BACKBONE) {
    for (let i = 0; i < times; i += 1) {
      const wide = from * expansion;
      if (expansion > 1) plain(from, wide, at);
      if (i === 0) at /= stride ** 2;
      plain(wide, wide, at, 3, wide);
      plain(wide, to, at);
      from = to;
    }
  }
  plain(from, LAST, at);
  return sum(...parts);
}

/** A convolution with IBNorm: batch norm on half of the channels, instance norm without weights on the rest. */
function normed(from: number, to: number, area: number, kernel = 3): Cost {
  return sum(conv({ from, to, area, kernel }), learnt(2 * Math.floor(to / 2)));
}

function lowBranch(area: number): Cost {
  const quarter = LAST / 4;
  return sum(
    linear(LAST, quarter, 1, false),
    linear(quarter, LAST, 1, false),
    normed(LAST, 96, area / 256, 5),
    normed(96, 32, area / 64, 5),
  );
}

function highBranch(area: number): Cost {
  const [half, quarter] = [area / 4, area / 16];
  return sum(
    normed(16, HIGH, half, 1),
    normed(HIGH + 3, HIGH, quarter),
    normed(24, HIGH, quarter, 1),
    normed(2 * HIGH, 2 * HIGH, quarter),
    normed(3 * HIGH + 3, 2 * HIGH, quarter),
    normed(2 * HIGH, 2 * HIGH, quarter),
    normed(2 * HIGH, HIGH, quarter),
    normed(2 * HIGH, 2 * HIGH, half),
    normed(2 * HIGH, HIGH, half),
    normed(HIGH, HIGH, half),
    normed(HIGH, HIGH, half),
  );
}

function fusion(area: number): Cost {
  return sum(
    normed(32, HIGH, area / 16, 5),
    normed(2 * HIGH, HIGH, area / 4),
    normed(HIGH + 3, HIGH / 2, area),
    conv({ from: HIGH / 2, to: 1, area, kernel: 1 }),
  );
}

import { attend, conv, linear, norm, sum, type Cost } from './cost';

const CHANNELS = [320, 640, 1280, 1280] as const;
const DEEP = 1280;
const LATENT = 4;
const TIME = 1280;
const TOKENS = 77;

/** What the published U-Nets of Stable Diffusion differ in. */
export type UnetKind = {
  /** Width of the text: 768 in 1.x, 1024 in 2.x. */
  text: number;
  /** Channels of the guidance embedding that LCM models take; 0 elsewhere. */
  guidance: number;
};

/** Two normed convolutions with the time between them, beside an identity or a 1 × 1. */
function residual(from: number, to: number, area: number): Cost {
  return sum(
    norm(from),
    conv({ from, to, area }),
    linear(TIME, to),
    norm(to),
    conv({ from: to, to, area }),
    ...(from === to ? [] : [conv({ from, to, area, kernel: 1 })]),
  );
}

/** One transformer block: attention to itself, attention to the text, a gated feed-forward. */
function transformer(width: number, area: number, { text }: UnetKind): Cost {
  const plain = linear(width, width, area, false);
  const out = linear(width, width, area);
  return sum(
    norm(width),
    linear(width, width, area),
    norm(width),
    ...[plain, plain, plain, attend(area, area, width), out],
    norm(width),
    ...[plain, linear(text, width, TOKENS, false), linear(text, width, TOKENS, false)],
    ...[attend(area, TOKENS, width), out],
    norm(width),
    linear(width, 8 * width, area),
    linear(4 * width, width, area),
    linear(width, width, area),
  );
}

/**
 * One run of Stable Diffusion's U-Net (diffusers' UNet2DConditionModel as 1.5, 2.1, their turbo and LCM
 * distillations have it), for a batch of one and a text of 77 tokens.
 * @param area positions of the latent: 64 × 64 for a picture of 512 × 512
 */
export function diffusionUnet(area: number, kind: UnetKind): Cost {
  const parts: Cost[] = [
    conv({ from: LATENT, to: CHANNELS[0], area }),
    linear(CHANNELS[0], TIME),
    linear(TIME, TIME),
    linear(kind.guidance, CHANNELS[0], 1, false),
  ];
  let [at, from]: [number, number] = [area, CHANNELS[0]];
  /** Channels that wait to be joined on the way up. */
  const kept: number[] = [from];
  for (const [level, to] of CHANNELS.entries()) {
    const last = level === CHANNELS.length - 1;
    for (let layer = 0; layer < 2; layer += 1) {
      parts.push(residual(from, to, at), ...(last ? [] : [transformer(to, at, kind)]));
      kept.push((from = to));
    }
    if (last) continue;
    at /= 4;
    parts.push(conv({ from, to, area: at }));
    kept.push(from);
  }
  parts.push(residual(DEEP, DEEP, at), transformer(DEEP, at, kind), residual(DEEP, DEEP, at));
  for (const [level, to] of CHANNELS.toReversed().entries()) {
    for (let layer = 0; layer < 3; layer += 1) {
      const joined = from + (kept.pop() ?? 0);
      parts.push(residual(joined, to, at), ...(level === 0 ? [] : [transformer(to, at, kind)]));
      from = to;
    }
    if (level === CHANNELS.length - 1) continue;
    at *= 4;
    parts.push(conv({ from, to, area: at }));
  }
  return sum(...parts, norm(from), conv({ from, to: LATENT, area: at }));
}

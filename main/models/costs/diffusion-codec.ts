import { attend, conv, linear, norm, sum, type Cost } from './cost';

/** Channels at full size, at a half, a quarter and an eighth of it. */
const CHANNELS = [128, 256, 512, 512] as const;
const DEEP = 512;
const LATENT = 4;

/** Two normed convolutions beside an identity, or beside a 1 × 1 where the channels change. */
function residual(from: number, to: number, area: number): Cost {
  return sum(
    norm(from),
    conv({ from, to, area }),
    norm(to),
    conv({ from: to, to, area }),
    ...(from === to ? [] : [conv({ from, to, area, kernel: 1 })]),
  );
}

/** Two residuals around attention of all positions to all. */
function middle(area: number): Cost {
  const project = linear(DEEP, DEEP, area);
  return sum(
    residual(DEEP, DEEP, area),
    norm(DEEP),
    project,
    project,
    project,
    attend(area, area, DEEP),
    project,
    residual(DEEP, DEEP, area),
  );
}

/** The encoder of Stable Diffusion's codec (diffusers' AutoencoderKL), with `quant_conv`; `area`: pixels of the picture. */
export function codecEncoder(area: number): Cost {
  const parts: Cost[] = [conv({ from: 3, to: CHANNELS[0], area })];
  let [at, from]: [number, number] = [area, CHANNELS[0]];
  for (const [level, to] of CHANNELS.entries()) {
    parts.push(residual(from, to, at), residual(to, to, at));
    from = to;
    if (level === CHANNELS.length - 1) continue;
    at /= 4;
    parts.push(conv({ from, to, area: at }));
  }
  parts.push(middle(at), norm(DEEP), conv({ from: DEEP, to: 2 * LATENT, area: at }));
  return sum(...parts, conv({ from: 2 * LATENT, to: 2 * LATENT, area: at, kernel: 1 }));
}

/** The decoder of Stable Diffusion's codec, with `post_quant_conv`; `area`: pixels of the picture it makes. */
export function codecDecoder(area: number): Cost {
  let [at, from]: [number, number] = [area / 64, DEEP];
  const parts: Cost[] = [
    conv({ from: LATENT, to: LATENT, area: at, kernel: 1 }),
    conv({ from: LATENT, to: DEEP, area: at }),
    middle(at),
  ];
  for (const [level, to] of CHANNELS.toReversed().entries()) {
    parts.push(residual(from, to, at), residual(to, to, at), residual(to, to, at));
    from = to;
    if (level === CHANNELS.length - 1) continue;
    at *= 4;
    parts.push(conv({ from, to, area: at }));
  }
  return sum(...parts, norm(from), conv({ from, to: 3, area: at }));
}

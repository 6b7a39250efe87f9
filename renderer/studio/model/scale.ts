/** How a control's value moves: `step` by arrow or wheel notch, `fine` with Shift held. */
export type Scale = { min: number; max: number; step: number; fine: number };

/** 0…1 in hundredths, the scale of opacities and strengths. */
export const FRACTION: Scale = { min: 0, max: 1, step: 0.01, fine: 0.001 };

/** Keeps a value inside the scale and on its fine steps (counted from `min`), free of binary dust. */
export function fitToScale(value: number, scale: Scale): number {
  const steps = Math.round((value - scale.min) / scale.fine);
  const inside = Math.min(scale.max, Math.max(scale.min, scale.min + steps * scale.fine));
  return Number(inside.toFixed(decimalsOf(scale.fine) + 1));
}

/** Digits after the point that a step needs. */
export function decimalsOf(step: number): number {
  const [, fraction = ''] = step.toString().split('.');
  return fraction.length;
}

const PACES = { fine: 'fine', step: 'step', page: 'step' } as const;

/** The value after one arrow key or wheel notch; `page` is ten steps. */
export function stepValue(
  value: number,
  direction: 1 | -1,
  scale: Scale,
  pace: 'fine' | 'step' | 'page',
): number {
  const stride = scale[PACES[pace]] * (pace === 'page' ? 10 : 1);
  return fitToScale(value + direction * stride, scale);
}

/** Reads a typed number, with a comma or a point and any unit after it; null when there is none. */
export function parseNumber(text: string): number | null {
  const match = /^\s*([+\-−]?\d+(?:[.,]\d+)?|[+\-−]?[.,]\d+)/.exec(text);
  if (!match?.[1]) return null;
  return Number(match[1].replace('−', '-').replace(',', '.'));
}

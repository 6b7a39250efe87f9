const WORK = new DataView(new ArrayBuffer(4));

/** The bits of the half-precision float nearest to a number (IEEE 754 binary16, ties to even). */
export function toHalf(value: number): number {
  WORK.setFloat32(0, value);
  const bits = WORK.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const power = exponent - 127 + 15;
  if (power >= 0x1f) return sign | 0x7c00;
  if (power < -10) return sign;
  // A subnormal half has no leading one of its own.
  const [whole, drop] = power > 0 ? [(power << 23) | fraction, 13] : [fraction | 0x800000, 14 - power];
  const kept = whole >>> drop;
  const rest = whole & (2 ** drop - 1);
  const halfway = 2 ** (drop - 1);
  return sign | (kept + (rest > halfway || (rest === halfway && kept % 2 === 1) ? 1 : 0));
}

/** The number that the bits of a half-precision float stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

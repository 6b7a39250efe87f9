/** Protocol buffer encoding by hand, for files that no exporter would write. */

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left % 128n) + 128);
  return [...bytes, Number(left)];
}

export function number(field: number, value: number | bigint): number[] {
  return [...varint(field * 8), ...varint(value)];
}

export function delimited(field: number, bytes: ArrayLike<number>): number[] {
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...Array.from(bytes)];
}

export function text(field: number, value: string): number[] {
  return delimited(field, new TextEncoder().encode(value));
}

/** A StringStringEntryProto under a field. */
export function entry(field: number, [key, value]: readonly [string, string]): number[] {
  return delimited(field, [...text(1, key), ...text(2, value)]);
}

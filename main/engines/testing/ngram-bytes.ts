/** A gram as a test gives it: its pieces, log probability and, as a context, log back-off weight. */
export type Gram = { pieces: readonly number[]; log: number; backOff?: number };

/** The file of an n-gram model (native-models/train/captions/language.py), from its grams in any order. */
export function ngramBytes(grams: readonly Gram[], weight = 1, bonus = 0): Uint8Array {
  const order = Math.max(...grams.map(({ pieces }) => pieces.length));
  const levels = Array.from({ length: order }, (_, n) =>
    grams.filter(({ pieces }) => pieces.length === n + 1).sort((a, b) => compare(a.pieces, b.pieces)),
  );
  const head = new DataView(new ArrayBuffer(20 + 4 * order));
  [...'FSNGRAM1'].forEach((letter, i) => head.setUint8(i, letter.charCodeAt(0)));
  head.setUint32(8, order, true);
  head.setFloat32(12, weight, true);
  head.setFloat32(16, bonus, true);
  levels.forEach((level, n) => head.setUint32(20 + 4 * n, level.length, true));
  const columns = levels.flatMap((level, n) => {
    const longer = levels[n + 1];
    const children = ({ pieces }: Gram) =>
      longer?.filter((gram) => compare(gram.pieces.slice(0, -1), pieces) === 0).length ?? 0;
    const own = [
      Uint16Array.from(level, ({ pieces }) => pieces.at(-1)!),
      Int16Array.from(level, ({ log }) => Math.round(log * 512)),
    ];
    if (!longer) return own;
    return [
      ...own,
      Int16Array.from(level, ({ backOff }) => Math.round((backOff ?? 0) * 512)),
      Uint16Array.from(level, children),
    ];
  });
  return Buffer.concat([new Uint8Array(head.buffer), ...columns.map(({ buffer }) => new Uint8Array(buffer))]);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((piece, i) => piece !== b[i]);
  return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1);
}

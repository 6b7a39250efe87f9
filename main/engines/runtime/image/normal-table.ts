const CELLS = 65_536;

/**
 * 65,536 standard normals of equal chance, rising: each the normal at the middle of its
 * 2^-16 of chance, all scaled for a variance of 1; |z| stays below 4.4. A GPU's logarithm and
 * cosine are its own, a table is the same everywhere [I9].
 */
export function normalTable(): Float32Array {
  known ??= makeTable();
  return known;
}

let known: Float32Array | undefined;

function makeTable(): Float32Array {
  const half = new Float64Array(CELLS / 2);
  let squares = 0;
  for (let i = 0, z = 0; i < half.length; i++) {
    z = normalAt((i + 0.5) / CELLS, z);
    half[i] = z;
    squares += 2 * z * z;
  }
  const scale = 1 / Math.sqrt(squares / CELLS);
  const table = new Float32Array(CELLS);
  half.forEach((z, i) => {
    table[CELLS / 2 + i] = z * scale;
    table[CELLS / 2 - 1 - i] = -z * scale;
  });
  return table;
}

/** z ≥ 0 with Φ(z) − ½ = `chance`, by Newton's method from a near and smaller one. */
function normalAt(chance: number, near: number): number {
  let z = near;
  for (let step = 0; step < 50; step++) {
    const move = (chance - chanceBelow(z)) * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
    z += move;
    if (Math.abs(move) < 1e-12) break;
  }
  return z;
}

/** Φ(z) − ½ = φ(z)·(z + z³/3 + z⁵/(3·5) + …): Abramowitz and Stegun, 26.2.11. */
function chanceBelow(z: number): number {
  let term = z;
  let sum = z;
  for (let i = 3; term > 1e-17 * sum; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

import fc from 'fast-check';

type Path = readonly (string | number)[];

const NASTY: readonly unknown[] = [
  null,
  true,
  '',
  '__proto__',
  'x'.repeat(100_000),
  -1,
  0,
  1e308,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  { __proto__: null, toString: 1 },
];

/**
 * Documents that are almost as `valid`: one to three of their values, at any depth, are missing or
 * something else. Random JSON alone rarely gets past a schema's first line.
 */
export function hostileCopies(valid: object): fc.Arbitrary<unknown> {
  const paths = pathsOf(valid);
  const change = fc.record({
    path: fc.constantFrom(...paths),
    value: fc.oneof(fc.constantFrom(...NASTY), fc.constant(undefined), fc.jsonValue({ maxDepth: 2 })),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const copy = structuredClone(valid);
    for (const { path, value } of changes) replace(copy, path, value);
    return copy;
  });
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key];
    return [here, ...pathsOf(inner, here)];
  });
}

/** Does nothing where an earlier change took the place away. */
function replace(root: object, path: Path, value: unknown): void {
  let at: unknown = root;
  for (const key of path.slice(0, -1)) {
    if (typeof at !== 'object' || at === null) return;
    at = (at as Record<string, unknown>)[key];
  }
  if (typeof at !== 'object' || at === null) return;
  const key = path.at(-1)!;
  if (value === undefined) delete (at as Record<string, unknown>)[key];
  else (at as Record<string, unknown>)[key] = value;
}

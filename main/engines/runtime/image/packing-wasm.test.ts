import wabt from 'wabt';
import { expect, it } from 'vitest';
import { PACKING_WAT } from './packing-wat';

/** `vitest -u` writes the file anew. */
it('packing-wasm.ts is packing-wat.ts compiled', async () => {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('packing.wat', PACKING_WAT).toBinary({});
  const text = `/** packing-wat.ts compiled, base64; made by packing-wasm.test.ts with \`vitest -u\`. */
export const PACKING_WASM =
  '${Buffer.from(buffer).toString('base64')}';
`;
  await expect(text).toMatchFileSnapshot('packing-wasm.ts');
});

import type { Shape } from './contract';

/**
 * Cosines and sines of rotary positions (Su et al., "RoFormer", 2021) over frame, row and
 * column [G5]: pair j of an axis turns by position · base^(−j/pairs); axes in the contract's
 * order. Rows of the table are tokens, frame by frame, row-major within a frame.
 * @param frames position of each frame
 * @returns [frames · tokens, depth / 2, 2]
 */
export function ropeTable(
  frames: readonly number[],
  shape: Pick<Shape, 'latent' | 'patch' | 'tokens' | 'depth' | 'rope'>,
): Float32Array {
  const columns = shape.latent.columns / shape.patch.columns;
  const table = new Float32Array(frames.length * shape.tokens * shape.depth);
  let at = 0;
  for (const frame of frames) {
    for (let token = 0; token < shape.tokens; token++) {
      const place = { frame, row: Math.floor(token / columns), column: token % columns };
      for (const { axis, pairs, base } of shape.rope.axes) {
        for (let j = 0; j < pairs; j++) {
          const angle = place[axis] * base ** (-j / pairs);
          table[at++] = Math.cos(angle);
          table[at++] = Math.sin(angle);
        }
      }
    }
  }
  return table;
}

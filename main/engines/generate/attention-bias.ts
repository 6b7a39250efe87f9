import type { Shape } from './contract';

type BiasShape = Pick<Shape, 'tokens' | 'chunk' | 'window' | 'sink' | 'hidden'>;

/**
 * Who may look at whom when several chunks run at once [G6]: frame q sees frame k when k is
 * not of a later chunk and is either one of the sink or within the window, `window − sink`
 * frames counted back from the end of q's chunk (block-causal with window, LongLive).
 * @param frames frames of the run, counted from the first one ever made that it holds
 * @returns [frames · tokens, frames · tokens], 0 or `hidden`
 */
export function windowBias(frames: number, shape: BiasShape): Float32Array {
  const { chunk, window, sink } = shape;
  return expand(frames, frames, shape, (q, k) => {
    const end = (Math.floor(q / chunk) + 1) * chunk;
    return k < end && (k < sink || k >= end - (window - sink));
  });
}

/**
 * The bias of a chunk over its memory [G6]: it sees every slot that holds a chunk, and all
 * of itself.
 * @param filled whether each slot of the memory holds a chunk
 * @returns [chunk · tokens, (slots + 1) · chunk · tokens]
 */
export function memoryBias(filled: readonly boolean[], shape: BiasShape): Float32Array {
  const { chunk } = shape;
  return expand(chunk, (filled.length + 1) * chunk, shape, (_, k) => filled[Math.floor(k / chunk)] ?? true);
}

function expand(
  queries: number,
  keys: number,
  { tokens, hidden }: BiasShape,
  sees: (q: number, k: number) => boolean,
): Float32Array {
  const bias = new Float32Array(queries * tokens * keys * tokens);
  const row = new Float32Array(keys * tokens);
  for (let q = 0; q < queries; q++) {
    for (let k = 0; k < keys; k++) row.fill(sees(q, k) ? 0 : hidden, k * tokens, (k + 1) * tokens);
    for (let token = 0; token < tokens; token++) bias.set(row, (q * tokens + token) * row.length);
  }
  return bias;
}

import type { PackJob, UnpackJob } from '../../main/engines/runtime/image/image-ops';

/** `unpack` as plain TypeScript does it: what WASM SIMD is held against. */
export function unpackPlain({ rgba, line: { scale, offset }, out }: UnpackJob): void {
  const pixels = rgba.length >> 2;
  const blueAt = 2 * pixels;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    out[i] = rgba[at]! * scale + offset;
    out[pixels + i] = rgba[at + 1]! * scale + offset;
    out[blueAt + i] = rgba[at + 2]! * scale + offset;
  }
}

/** `pack` as plain TypeScript does it; `out` must be a clamped array, which rounds what it is given. */
export function packPlain({ planar, line: { scale, offset }, out }: PackJob): number {
  const pixels = out.length >> 2;
  const blueAt = 2 * pixels;
  let broken = 0;
  for (let i = 0, at = 0; i < pixels; i++, at += 4) {
    const red = planar[i]!;
    const green = planar[pixels + i]!;
    const blue = planar[blueAt + i]!;
    if (red * 0 + green * 0 + blue * 0 !== 0) broken++;
    out[at] = red * scale + offset;
    out[at + 1] = green * scale + offset;
    out[at + 2] = blue * scale + offset;
    out[at + 3] = 255;
  }
  return broken;
}

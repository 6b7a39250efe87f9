import type { Line, PackJob, UnpackJob } from './image-ops';
import { PACKING_WASM } from './packing-wasm';
import { BAND } from './packing-wat';

const LEVELS = 256;

/** What each byte becomes: `line` worked out in float64, rounded to float32 once [I2]. */
export function byteLevels({ scale, offset }: Line): Float32Array {
  return Float32Array.from({ length: LEVELS }, (_, byte) => byte * scale + offset);
}

/** RGBA bytes to planar RGB floats [I2]. */
export function unpack({ rgba, line, out }: UnpackJob): void {
  const pixels = rgba.length / 4;
  for (let from = 0; from < pixels; from += BAND) {
    const count = Math.min(BAND, pixels - from);
    bytes.set(rgba.subarray(4 * from, 4 * (from + count)));
    wasm.unpack(4 * count, line.scale, line.offset);
    planes.forEach((plane, i) => out.set(upTo(plane, count), i * pixels + from));
  }
}

/**
 * Planar RGB floats to opaque RGBA bytes [I3].
 * @returns how many pixels had a value that is not finite; they come out as 0 or 255.
 */
export function pack({ planar, line, out }: PackJob): number {
  const pixels = out.length / 4;
  let broken = 0;
  for (let from = 0; from < pixels; from += BAND) {
    const count = Math.min(BAND, pixels - from);
    planes.forEach((plane, i) => {
      plane.set(planar.subarray(i * pixels + from, i * pixels + from + count));
      // what fills up the last four pixels must not count as broken
      plane.fill(0, count, count + 3);
    });
    broken += wasm.pack(4 * count, line.scale, line.offset);
    out.set(upTo(bytes, 4 * count), 4 * from);
  }
  return broken;
}

function upTo<Values extends Float32Array | Uint8Array>(values: Values, count: number): Values {
  return count === values.length ? values : (values.subarray(0, count) as Values);
}

/** Node's own: the types of main have no DOM, which declares it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** What packing-wat.ts exports. */
type PackingWasm = {
  memory: { buffer: ArrayBuffer };
  pack(end: number, scale: number, offset: number): number;
  unpack(end: number, scale: number, offset: number): void;
};

const wasm = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(PACKING_WASM, 'base64')))
  .exports as PackingWasm;
const planes = [0, 1, 2].map((i) => new Float32Array(wasm.memory.buffer, 4 * BAND * i, BAND));
const bytes = new Uint8Array(wasm.memory.buffer, 12 * BAND, 4 * BAND);

/**
 * For each byte the smallest float32 that becomes it, or one above it [I3]: with these a GPU,
 * whose products may round otherwise, still gives the very byte that float64 gives.
 * Element 0 is not used.
 */
export function byteThresholds(line: Line): Float32Array {
  const byte = new Uint8ClampedArray(1);
  const reaches = (value: number, level: number): boolean => {
    byte[0] = value * line.scale + line.offset;
    return byte[0] >= level;
  };
  return Float32Array.from({ length: LEVELS }, (_, level) => smallest((value) => reaches(value, level)));
}

/** The smallest finite float32 for which a rising condition holds, by halving the ordered bit patterns. */
function smallest(holds: (value: number) => boolean): number {
  let low = -0x7f800000;
  let high = 0x7f7fffff;
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(floatOf(middle))) high = middle;
    else low = middle;
  }
  return floatOf(high);
}

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** The float32 at a place in their order; 0 is at 0. */
function floatOf(order: number): number {
  bits[0] = Math.abs(order);
  return order < 0 ? -float[0]! : float[0]!;
}

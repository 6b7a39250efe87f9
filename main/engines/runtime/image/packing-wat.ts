/** Pixels that the WASM's memory holds at once: its planes and bytes stay in a core's own cache. */
export const BAND = 16_384;
const PLANE_BYTES = 4 * BAND;
const PAGE_BYTES = 65_536;

/** Sends the upper two of four lanes to the lower places. */
const upper = (x: string): string => `(i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 ${x} ${x})`;

/** The lower two lanes of two vectors. */
const joined = (low: string, high: string): string =>
  `(i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 ${low} ${high})`;

const line = (x: string): string => `(f64x2.add (f64x2.mul ${x} (local.get $scales)) (local.get $offsets))`;

/** Of two float32 the bytes, as i32, halves to even; NaN and what is below 0 become 0 [I3]. */
const bytesOf2 = (x: string): string =>
  `(i32x4.trunc_sat_f64x2_u_zero (f64x2.min
    (f64x2.nearest ${line(`(f64x2.promote_low_f32x4 ${x})`)}) (v128.const f64x2 255 255)))`;

/** Of two bytes, as i32, the values, rounded once [I2]. */
const valuesOf2 = (x: string): string =>
  `(f32x4.demote_f64x2_zero ${line(`(f64x2.convert_low_i32x4_u ${x})`)})`;

const bytesAt = (plane: number): string => {
  const x = `(local.get $x${plane})`;
  return `(i32x4.shl ${joined(bytesOf2(x), bytesOf2(upper(x)))} (i32.const ${8 * plane}))`;
};

const storeValues = (plane: number): string => `
      (local.set $x (v128.and
        (i32x4.shr_u (local.get $pixels) (i32.const ${8 * plane}))
        (v128.const i32x4 255 255 255 255)))
      (v128.store offset=${plane * PLANE_BYTES} (local.get $at)
        ${joined(valuesOf2('(local.get $x)'), valuesOf2(upper('(local.get $x)')))})`;

/** x·0 is 0 for a finite x and NaN for the others, and NaN stays NaN in a sum. */
const zeroed = (plane: number): string => `(f32x4.mul (local.get $x${plane}) (local.get $zero))`;

const START = `
    (local.set $scales (f64x2.splat (local.get $scale)))
    (local.set $offsets (f64x2.splat (local.get $offset)))
    (loop $next`;
const NEXT = `
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))`;
const LOCALS = '(local $at i32) (local $scales v128) (local $offsets v128)';
const PARAMS = '(param $end i32) (param $scale f64) (param $offset f64)';

/**
 * WebAssembly text of `pack` and `unpack` for one band, four pixels at a time; packing-wasm.ts
 * holds it compiled. Memory has three planes of float32, then RGBA bytes; `end` is four times
 * the pixels, in whole fours. What would be functions is written out: calls cost as much as SIMD
 * gains.
 */
export const PACKING_WAT = `(module
  (memory (export "memory") ${(4 * PLANE_BYTES) / PAGE_BYTES})
  (func (export "pack") ${PARAMS} (result i32)
    ${LOCALS} (local $broken i32)
    (local $x0 v128) (local $x1 v128) (local $x2 v128) (local $zero v128)${START}
      (local.set $x0 (v128.load (local.get $at)))
      (local.set $x1 (v128.load offset=${PLANE_BYTES} (local.get $at)))
      (local.set $x2 (v128.load offset=${2 * PLANE_BYTES} (local.get $at)))
      (local.set $broken (i32.add (local.get $broken) (i32.popcnt (i32x4.bitmask (f32x4.ne
        (f32x4.add (f32x4.add ${zeroed(0)} ${zeroed(1)}) ${zeroed(2)})
        (local.get $zero))))))
      (v128.store offset=${3 * PLANE_BYTES} (local.get $at) (v128.or
        (v128.or ${bytesAt(0)} ${bytesAt(1)})
        (v128.or ${bytesAt(2)} (v128.const i32x4 -16777216 -16777216 -16777216 -16777216))))${NEXT}
    (local.get $broken))
  (func (export "unpack") ${PARAMS}
    ${LOCALS} (local $pixels v128) (local $x v128)${START}
      (local.set $pixels (v128.load offset=${3 * PLANE_BYTES} (local.get $at)))
${[0, 1, 2].map(storeValues).join('')}${NEXT}))
`;

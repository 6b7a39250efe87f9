import type { BlendMode } from '../../../contract/project';
import { place, type Size } from '../geometry';
import type { DrawItem } from './compositor';

/** Floats that describe one layer to a shader. */
export const QUAD_FLOATS = 16;

/** Blend modes that the output merger can do by itself from a premultiplied colour. */
export const MERGED_MODES = ['normal', 'add', 'screen', 'multiply'] as const;

/** Numbers of the modes that need to read the backdrop, as the shaders know them. */
const BACKDROP_MODES: Partial<Record<BlendMode, number>> = { overlay: 1, lighten: 2, darken: 3 };

/**
 * The shader's number of a blend mode: 0 where the output merger blends, else the formula to
 * compute from a copy of the backdrop. Max and min cannot be merged: equations `max` and
 * `min` ignore opacity.
 */
export function backdropMode(blend: BlendMode): number {
  return BACKDROP_MODES[blend] ?? 0;
}

/**
 * One layer for the shaders, as four vec4:
 * centre and half size in programme pixels · cos, sin, programme size · source rectangle in
 * picture pixels · picture size, opacity, backdrop mode.
 */
export function quadFloats(item: DrawItem, programme: Size): Float32Array<ArrayBuffer> {
  const placed = place(item.transform, item.picture, programme);
  const { x, y, width, height } = placed.source;
  return new Float32Array([
    placed.centreX,
    placed.centreY,
    placed.width / 2,
    placed.height / 2,
    Math.cos(placed.rotationRad),
    Math.sin(placed.rotationRad),
    programme.width,
    programme.height,
    x,
    y,
    width,
    height,
    item.picture.width,
    item.picture.height,
    item.opacity,
    backdropMode(item.blend),
  ]);
}

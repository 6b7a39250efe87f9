/** Pixels by which a picture is continued beyond its edges, so that no read needs a check. */
export const PAD = 16;

/** Side of a block, in pixels. */
export const BLOCK = 8;
/** Side of the window that is compared at half size; of its rows every `HALF_ROW_STEP`th. */
export const HALF_WINDOW = 8;
export const HALF_ROW_STEP = 2;

/**
 * A picture prepared for motion search: RGBA and luma with the edge pixels repeated `PAD`
 * pixels outwards, and luma at half size with half the border and the sums of its windows.
 */
export class PaddedPicture {
  readonly width: number;
  readonly height: number;
  /** Pixels per padded row. */
  readonly stride: number;
  readonly halfStride: number;
  readonly rgba: Uint8Array;
  /** The same memory, a pixel an element. */
  readonly pixels: Uint32Array;
  readonly luma: Uint8Array;
  readonly halfLuma: Uint8Array;
  /** At each place of `luma` the sum of the `BLOCK` pixels from there to the right. */
  readonly rowSums: Uint16Array;
  /** The same of `halfLuma` and `HALF_WINDOW`. */
  readonly halfRowSums: Uint16Array;
  /** The sum of the compared rows of the window whose upper left corner is there. */
  readonly halfWindowSums: Uint16Array;

  /** Sides must be even. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.stride = width + 2 * PAD;
    this.halfStride = this.stride / 2;
    const pixels = this.stride * (height + 2 * PAD);
    this.rgba = new Uint8Array(4 * pixels);
    this.pixels = new Uint32Array(this.rgba.buffer);
    this.luma = new Uint8Array(pixels);
    this.halfLuma = new Uint8Array(pixels / 4);
    this.rowSums = new Uint16Array(pixels);
    this.halfRowSums = new Uint16Array(pixels / 4);
    this.halfWindowSums = new Uint16Array(pixels / 4);
  }

  /** Takes a picture of width × height × 4 bytes. */
  set(rgba: Uint8Array | Uint8ClampedArray): void {
    this.#copyPadded(rgba);
    const { rgba: padded, luma } = this;
    // Luma of BT.601 in eighths of a bit: 77/256, 150/256, 29/256.
    for (let i = 0, at = 0; i < luma.length; i++, at += 4) {
      luma[i] = (77 * padded[at]! + 150 * padded[at + 1]! + 29 * padded[at + 2]!) >> 8;
    }
    this.#halve();
    this.#sumWindows();
  }

  /** The picture as it came, into width × height × 4 bytes. */
  copyTo(out: Uint8ClampedArray): void {
    const rowBytes = 4 * this.width;
    for (let y = 0; y < this.height; y++) {
      const at = 4 * ((y + PAD) * this.stride + PAD);
      out.set(this.rgba.subarray(at, at + rowBytes), y * rowBytes);
    }
  }

  #copyPadded(rgba: Uint8Array | Uint8ClampedArray): void {
    const { width, height, stride, rgba: padded } = this;
    const rowBytes = 4 * stride;
    for (let y = 0; y < height; y++) {
      const row = (y + PAD) * rowBytes;
      const body = row + 4 * PAD;
      padded.set(rgba.subarray(4 * y * width, 4 * (y + 1) * width), body);
      const lastPixel = body + 4 * (width - 1);
      for (let i = 1; i <= PAD; i++) {
        padded.copyWithin(body - 4 * i, body, body + 4);
        padded.copyWithin(lastPixel + 4 * i, lastPixel, lastPixel + 4);
      }
    }
    const top = PAD * rowBytes;
    const bottom = (PAD + height - 1) * rowBytes;
    for (let i = 1; i <= PAD; i++) {
      padded.copyWithin(top - i * rowBytes, top, top + rowBytes);
      padded.copyWithin(bottom + i * rowBytes, bottom, bottom + rowBytes);
    }
  }

  #halve(): void {
    const { stride, halfStride, luma, halfLuma } = this;
    const rows = halfLuma.length / halfStride;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < halfStride; x++) {
        const at = 2 * (y * stride + x);
        const sum = luma[at]! + luma[at + 1]! + luma[at + stride]! + luma[at + stride + 1]!;
        halfLuma[y * halfStride + x] = (sum + 2) >> 2;
      }
    }
  }

  #sumWindows(): void {
    const { halfLuma, halfRowSums, halfWindowSums, halfStride } = this;
    sumRows(this.luma, BLOCK, this.rowSums);
    sumRows(halfLuma, HALF_WINDOW, halfRowSums);
    const step = HALF_ROW_STEP * halfStride;
    const last = halfLuma.length - (HALF_WINDOW / HALF_ROW_STEP - 1) * step;
    for (let i = 0; i < last; i++) {
      let sum = 0;
      for (let row = 0, at = i; row < HALF_WINDOW; row += HALF_ROW_STEP, at += step) sum += halfRowSums[at]!;
      halfWindowSums[i] = sum;
    }
  }
}

/** Running sums of `width` values each; those that leave the row are never asked for. */
function sumRows(values: Uint8Array, width: number, out: Uint16Array): void {
  let sum = 0;
  for (let i = 0; i < width - 1; i++) sum += values[i]!;
  for (let i = 0; i < out.length; i++) {
    sum += values[i + width - 1] ?? 0;
    out[i] = sum;
    sum -= values[i]!;
  }
}

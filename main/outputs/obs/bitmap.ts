/** A grey picture: one byte a pixel, rows top to bottom without padding. */
export type GreyBitmap = { data: Uint8Array; width: number; height: number };

/** No screenshot that was asked for is larger. */
const LONGEST_SIDE = 4096;

/**
 * Reads an uncompressed Windows bitmap of 24 or 32 bits a pixel (BITMAPINFOHEADER, BI_RGB or
 * BI_BITFIELDS in the usual order) as Rec. 709 luma.
 * @returns null for bytes that are not such a bitmap
 */
export function readBitmap(bytes: Uint8Array): GreyBitmap | null {
  if (bytes.length < 54 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = view.getUint32(10, true);
  const width = view.getInt32(18, true);
  const rows = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const height = Math.abs(rows);
  if (width < 1 || width > LONGEST_SIDE || height < 1 || height > LONGEST_SIDE) return null;
  if (bits !== 24 && bits !== 32) return null;
  const step = bits / 8;
  const stride = Math.ceil((width * step) / 4) * 4;
  if (offset + stride * height > bytes.length) return null;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    // Rows stand bottom first unless the height is negative.
    let at = offset + (rows > 0 ? height - 1 - y : y) * stride;
    for (let x = 0; x < width; x += 1, at += step) {
      const luma = 0.0722 * bytes[at]! + 0.7152 * bytes[at + 1]! + 0.2126 * bytes[at + 2]!;
      data[y * width + x] = Math.round(luma);
    }
  }
  return { data, width, height };
}

/** The bytes of a `data:` address in base64; null for anything else. */
export function readDataUrl(text: unknown): Uint8Array | null {
  if (typeof text !== 'string' || !text.startsWith('data:')) return null;
  const comma = text.indexOf(';base64,');
  return comma < 0 ? null : Buffer.from(text.slice(comma + 8), 'base64');
}

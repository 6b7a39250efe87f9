/** Anything a compositor can draw and upload. */
export type PictureImage = ImageBitmap | OffscreenCanvas | VideoFrame;

/** One picture of a source at one moment. It stays valid until the source is asked again. */
export type Picture = {
  image: PictureImage;
  /** Size in pixels as shown. */
  width: number;
  height: number;
  /** Another number means other pixels; the same source with the same number need not be uploaded again. */
  version: number;
  /** Whether parts of it may be transparent. */
  hasAlpha: boolean;
  /** Programme time at which it came in, µs. */
  captureUs: number;
};

let versions = 0;

/** A picture version that no other picture of this worker has. */
export function nextPictureVersion(): number {
  versions += 1;
  return versions;
}

/**
 * A canvas that lives in ordinary memory. Without `willReadFrequently` Chromium may put it on
 * a software GPU, ten times slower; all of the stage's 2D canvases are read back anyway.
 */
export function memoryCanvas(
  width: number,
  height: number,
  alpha = true,
): { canvas: OffscreenCanvas; context: OffscreenCanvasRenderingContext2D } {
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)));
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha });
  if (context === null) throw new Error('A 2D canvas could not be made.');
  return { canvas, context };
}

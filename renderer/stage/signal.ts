/** When a picture is shown and for how long, µs. */
export type FrameTiming = { timestamp: number; duration: number };

/** What players and servers take for granted in H.264: BT.709, 16–235. */
const SIGNAL: VideoColorSpaceInit = {
  primaries: 'bt709',
  transfer: 'bt709',
  matrix: 'bt709',
  fullRange: false,
};

/** `transfer` saves a copy of the pixels; it is missing from TypeScript's DOM library. */
type TransferringInit = VideoFrameBufferInit & { transfer: ArrayBuffer[] };

/**
 * What a canvas holds as a frame for the encoder. A frame made of a canvas directly is sRGB,
 * and Chromium encodes that in full range, which many players show washed out or crushed; a
 * frame made of its pixels can say what signal it is to become.
 */
export async function signalFrame(canvas: OffscreenCanvas, timing: FrameTiming): Promise<VideoFrame> {
  const { width, height } = canvas;
  const pixels = await readCanvas(canvas);
  const init: TransferringInit = {
    ...timing,
    format: 'RGBX',
    codedWidth: width,
    codedHeight: height,
    colorSpace: SIGNAL,
    transfer: [pixels.buffer],
  };
  return new VideoFrame(pixels, init);
}

async function readCanvas(
  canvas: OffscreenCanvas,
): Promise<Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>> {
  const { width, height } = canvas;
  // Null where the canvas belongs to a GPU.
  const context = canvas.getContext('2d');
  if (context !== null) return context.getImageData(0, 0, width, height).data;
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  try {
    const pixels = new Uint8Array(width * height * 4);
    await frame.copyTo(pixels, { format: 'RGBX' });
    return pixels;
  } finally {
    frame.close();
  }
}

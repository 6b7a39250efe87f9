import { FULL_FRAME } from '../../../contract/project';
import { memoryCanvas, nextPictureVersion, type Picture } from '../picture';
import type { Compositor, CompositorChoice, DrawItem } from './compositor';

/** Programme size of the probe, and how many pictures are timed. */
const SIZE = { width: 1280, height: 720 };
const TIMED = 4;
/** A way that takes longer than this for all of its probe is out. */
const LIMIT_MS = 1500;
/** Rounding, and colour conversion of frames. */
const TOLERANCE = 6;

/** How a way of compositing did. */
export type ProbeResult = { label: string; ok: boolean; frameMs: number; reason: string };

/**
 * Composites real pictures in one way, reads them back, compares pixels and takes the time of
 * a picture with its read-back. An adapter or context alone proves nothing: some come up and
 * then draw black, throw, or hang.
 * @param hopelessMs a picture that takes longer ends the probe early: this way will not be chosen.
 */
export async function probe(
  choice: CompositorChoice,
  hopelessMs = Number.POSITIVE_INFINITY,
): Promise<ProbeResult> {
  const failed = (reason: string): ProbeResult => ({ label: choice.label, ok: false, frameMs: 0, reason });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve(failed(`took longer than ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    return await Promise.race([runProbe(choice, hopelessMs), limit]);
  } catch (error) {
    return failed(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function runProbe(choice: CompositorChoice, hopelessMs: number): Promise<ProbeResult> {
  let lost: string | null = null;
  const started = performance.now();
  const compositor = await choice.create((reason) => {
    lost = reason;
  });
  try {
    let frameMs = Number.POSITIVE_INFINITY;
    for (let index = 0; index <= TIMED; index += 1) {
      const bright = index % 2 === 1;
      const began = performance.now();
      const pixels = await drawAndRead(compositor, probeItems(bright));
      // The first picture pays for shaders and allocations.
      if (index > 0) frameMs = Math.min(frameMs, performance.now() - began);
      const reason = lost ?? wrongPixel(pixels, bright);
      if (reason !== null) return { label: choice.label, ok: false, frameMs, reason };
      if (frameMs < Number.POSITIVE_INFINITY && frameMs > hopelessMs) break;
      if (performance.now() - started > LIMIT_MS) break;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return { label: choice.label, ok: Number.isFinite(frameMs), frameMs, reason: '' };
  } finally {
    compositor.dispose();
  }
}

async function drawAndRead(compositor: Compositor, items: readonly DrawItem[]): Promise<Uint8Array> {
  const canvas = await compositor.draw(items, SIZE);
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  try {
    const pixels = new Uint8Array(SIZE.width * SIZE.height * 4);
    await frame.copyTo(pixels, { format: 'RGBA' });
    return pixels;
  } finally {
    frame.close();
    for (const { picture } of items) if (picture.image instanceof VideoFrame) picture.image.close();
  }
}

/** A camera-like frame full size, and a half-transparent square at a quarter of the picture. */
function probeItems(bright: boolean): DrawItem[] {
  const ground = memoryCanvas(SIZE.width, SIZE.height, false);
  ground.context.fillStyle = bright ? '#c08040' : '#204060';
  ground.context.fillRect(0, 0, SIZE.width, SIZE.height);
  const square = memoryCanvas(64, 64);
  square.context.fillStyle = '#ffffff';
  square.context.fillRect(0, 0, 64, 64);
  const corner = { ...FULL_FRAME, x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
  return [
    item(new VideoFrame(ground.canvas, { timestamp: 0 }), SIZE.width, SIZE.height, FULL_FRAME, 1),
    item(square.canvas, 64, 64, corner, 0.5),
  ];
}

function item(
  image: Picture['image'],
  width: number,
  height: number,
  transform: DrawItem['transform'],
  opacity: number,
): DrawItem {
  const picture = { image, width, height, version: nextPictureVersion(), hasAlpha: true, captureUs: 0 };
  return { picture, transform, opacity, blend: 'normal' };
}

function wrongPixel(pixels: Uint8Array, bright: boolean): string | null {
  const ground = bright ? [0xc0, 0x80, 0x40] : [0x20, 0x40, 0x60];
  const mixed = ground.map((value) => (value + 255) / 2);
  return (
    compare(pixels, 0.25, 0.25, ground) ??
    compare(pixels, 0.75, 0.25, ground) ??
    compare(pixels, 0.75, 0.75, mixed)
  );
}

function compare(pixels: Uint8Array, x: number, y: number, expected: readonly number[]): string | null {
  const at = (Math.floor(y * SIZE.height) * SIZE.width + Math.floor(x * SIZE.width)) * 4;
  const got = [...pixels.subarray(at, at + 3)];
  const fits = expected.every((value, channel) => Math.abs(value - (got[channel] ?? 0)) <= TOLERANCE);
  return fits ? null : `pixel at ${x}, ${y} must be ${expected.join(' ')}, got ${got.join(' ')}`;
}

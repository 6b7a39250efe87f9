import { BLEND_MODES, FULL_FRAME, type BlendMode, type Transform } from '../../../contract/project';
import { CANVAS2D } from '../../../renderer/stage/compositor/canvas2d';
import { chooseCompositor } from '../../../renderer/stage/compositor/choose';
import type { Compositor, CompositorChoice, DrawItem } from '../../../renderer/stage/compositor/compositor';
import { WEBGL2 } from '../../../renderer/stage/compositor/webgl2';
import { WEBGPU_CANVAS, WEBGPU_READBACK } from '../../../renderer/stage/compositor/webgpu';
import { memoryCanvas, nextPictureVersion, type Picture } from '../../../renderer/stage/picture';
import { ProgrammePicture } from '../../../renderer/stage/programme';

const WAYS = [CANVAS2D, WEBGL2, WEBGPU_CANVAS, WEBGPU_READBACK];
const SIZE = { width: 320, height: 180 };

/** How far two pictures are apart: mean and greatest channel difference, share of pixels off by more than 8. */
export type Difference = { mean: number; most: number; offShare: number };

/** What the tests can do in the page. */
export type CompositorHarness = {
  /** How each way does in the stage's own probe, and which it takes. */
  choose(): Promise<{
    chosen: string;
    results: { label: string; ok: boolean; frameMs: number; reason: string }[];
  }>;
  /** Pixels of one case, RGB at the given points. */
  sample(label: string, name: string, points: [number, number][]): Promise<number[][]>;
  /** Difference of a way to Canvas2D in each case; null where the way does not come up. */
  compare(label: string): Promise<Record<string, Difference> | null>;
  /** Loses a WebGL context in mid-programme: which backends drew, and the error that was told. */
  lose(): Promise<{ before: string; after: string; codes: string[]; pixel: number[] }>;
};

declare global {
  interface Window {
    compositorHarness: CompositorHarness;
  }
}

function picture(image: OffscreenCanvas, hasAlpha: boolean): Picture {
  const { width, height } = image;
  return { image, width, height, version: nextPictureVersion(), hasAlpha, captureUs: 0 };
}

/** Smooth colours, so that a half-pixel difference in sampling does not show as an error. */
function ground(): Picture {
  const { canvas, context } = memoryCanvas(160, 90, false);
  const across = context.createLinearGradient(0, 0, 160, 0);
  across.addColorStop(0, '#103050');
  across.addColorStop(0.5, '#c06030');
  across.addColorStop(1, '#e0e0a0');
  context.fillStyle = across;
  context.fillRect(0, 0, 160, 90);
  return picture(canvas, false);
}

function top(): Picture {
  const { canvas, context } = memoryCanvas(120, 120);
  const down = context.createLinearGradient(0, 0, 0, 120);
  down.addColorStop(0, 'rgba(255, 64, 0, 1)');
  down.addColorStop(1, 'rgba(0, 160, 255, 0.25)');
  context.fillStyle = down;
  context.fillRect(0, 0, 120, 120);
  return picture(canvas, true);
}

function topped(patch: Partial<Transform>, opacity: number, blend: BlendMode): DrawItem[] {
  const inset: Transform = { ...FULL_FRAME, x: 0.25, y: 0.2, width: 0.5, height: 0.6, ...patch };
  return [
    { picture: ground(), transform: FULL_FRAME, opacity: 1, blend: 'normal' },
    { picture: top(), transform: inset, opacity, blend },
  ];
}

const CASES: Record<string, () => DrawItem[]> = {
  empty: () => [],
  cropped: () => topped({ crop: { left: 0.25, top: 0.1, right: 0.2, bottom: 0.3 } }, 1, 'normal'),
  turned: () => topped({ rotationDeg: 30 }, 0.9, 'normal'),
  outside: () => topped({ x: -0.3, y: 0.7, rotationDeg: -45 }, 1, 'normal'),
  ...Object.fromEntries(BLEND_MODES.map((blend) => [blend, () => topped({}, 1, blend)])),
  ...Object.fromEntries(BLEND_MODES.map((blend) => [`${blend} at 60 %`, () => topped({}, 0.6, blend)])),
};

function wayOf(label: string): CompositorChoice {
  const way = WAYS.find((one) => one.label === label);
  if (way === undefined) throw new Error(`There is no way "${label}".`);
  return way;
}

async function pixels(compositor: Compositor, items: readonly DrawItem[]): Promise<Uint8Array> {
  const canvas = await compositor.draw(items, SIZE);
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const bytes = new Uint8Array(SIZE.width * SIZE.height * 4);
  await frame.copyTo(bytes, { format: 'RGBA' });
  frame.close();
  return bytes;
}

function difference(a: Uint8Array, b: Uint8Array): Difference {
  let sum = 0;
  let most = 0;
  let off = 0;
  for (let at = 0; at < a.length; at += 4) {
    let worst = 0;
    for (let channel = 0; channel < 3; channel += 1) {
      const apart = Math.abs(a[at + channel]! - b[at + channel]!);
      sum += apart;
      worst = Math.max(worst, apart);
    }
    most = Math.max(most, worst);
    if (worst > 8) off += 1;
  }
  const count = a.length / 4;
  return { mean: sum / (3 * count), most, offShare: off / count };
}

function at(bytes: Uint8Array, x: number, y: number): number[] {
  const index = (Math.floor(y * SIZE.height) * SIZE.width + Math.floor(x * SIZE.width)) * 4;
  return [...bytes.subarray(index, index + 3)];
}

window.compositorHarness = {
  async choose() {
    const { choice, results } = await chooseCompositor(WAYS);
    return { chosen: choice.label, results };
  },
  async sample(label, name, points) {
    const compositor = await wayOf(label).create(() => undefined);
    const bytes = await pixels(compositor, CASES[name]!());
    compositor.dispose();
    return points.map(([x, y]) => at(bytes, x, y));
  },
  async compare(label) {
    let other: Compositor;
    try {
      other = await wayOf(label).create(() => undefined);
    } catch {
      return null;
    }
    const reference = await CANVAS2D.create(() => undefined);
    const result: Record<string, Difference> = {};
    for (const [name, make] of Object.entries(CASES)) {
      const items = make();
      result[name] = difference(await pixels(reference, items), await pixels(other, items));
    }
    other.dispose();
    reference.dispose();
    return result;
  },
  async lose() {
    const codes: string[] = [];
    // A probe that loses to Canvas2D would not be chosen on a machine without a GPU, so it stands alone.
    const canvases: OffscreenCanvas[] = [];
    const programme = new ProgrammePicture([WEBGL2], {
      chosen: () => undefined,
      failed: (error) => codes.push(error.code),
    });
    await programme.choose();
    const before = programme.backend;
    const items = CASES['normal']!();
    const canvas = await programme.draw(items, SIZE);
    canvases.push(canvas);
    canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext();
    const next = await programme.draw(items, SIZE);
    const frame = new VideoFrame(next, { timestamp: 0 });
    const bytes = new Uint8Array(SIZE.width * SIZE.height * 4);
    await frame.copyTo(bytes, { format: 'RGBA' });
    frame.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const after = programme.backend;
    programme.dispose();
    return { before, after, codes, pixel: at(bytes, 0.1, 0.1) };
  },
};

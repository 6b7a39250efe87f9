import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Folder of the random-weight models; see make-tiny-models.py. */
export const TINY_MODELS_DIR = resolve(import.meta.dirname, 'models');
export const TINY_MODEL = 'animate-tiny';
/** The shipped models; the folder may not hold any yet. */
export const SHIPPED_MODELS_DIR = resolve(import.meta.dirname, '../../../native-models');

/** A picture and what numpy makes of it with the tiny models. */
export type GoldenCase = {
  prompt: string;
  ids: number[];
  strength: number;
  seed: number;
  width: number;
  height: number;
  rgbBase64: string;
};

export function readGoldenCases(): GoldenCase[] {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, 'golden.json'), 'utf8')) as GoldenCase[];
}

/** The test picture of make-tiny-models.py, RGBA. */
export function gradientPicture(width: number, height: number): Uint8Array<ArrayBuffer> {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rgba.set([(x * 5 + y * 3) % 256, (x * 7 + 40) % 256, (y * 11 + 90) % 256, 255], (y * width + x) * 4);
    }
  }
  return rgba;
}

/** A copy of a folder, or of some entries of it, that a test may change; `dispose` removes it. */
export function copyOf(folder: string, entries: string[] = ['.']): { dir: string; dispose: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'fantascope-models-'));
  for (const entry of entries) cpSync(join(folder, entry), join(dir, entry), { recursive: true });
  return { dir, dispose: () => rmSync(dir, { recursive: true, force: true }) };
}

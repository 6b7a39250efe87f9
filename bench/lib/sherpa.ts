import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const TIMEOUT_MS = 120_000;

/** What sherpa-onnx makes of a sound with the model in a folder: CPU seconds and text. */
export async function runSherpa(
  folder: string,
  samples: Float32Array,
): Promise<{ cpuSeconds: number; text: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'fantascope-sherpa-'));
  try {
    const file = join(dir, 'samples.f32');
    writeFileSync(file, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
    const child = resolve('bench', 'sherpa-child.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [child, folder, file], {
      timeout: TIMEOUT_MS,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as { cpuSeconds: number; text: string };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

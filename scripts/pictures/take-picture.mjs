import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBounded } from '../setup/process.mjs';
import { inRoot } from '../setup/root.mjs';
import { say, SetupError } from '../setup/say.mjs';

/** Size of the window in every picture, in CSS pixels. */
export const SIZE = { width: 1280, height: 800 };
const LARGEST_BYTES = 300_000;
/** The figures and meters settle in this time once everything runs. */
const SETTLE_MS = 3_000;

/**
 * Writes `docs/screenshots/NAME.png` with a palette of its own, which makes it a third as large.
 * @param settleMs how long the page is left alone before; what passes by is taken at once
 * @throws SetupError when the picture is too large for a repository
 */
export async function takePicture(page, ffmpeg, name, settleMs = SETTLE_MS) {
  if (settleMs > 0) {
    await page.rest(SIZE.width / 2, 1);
    await new Promise((done) => setTimeout(done, settleMs));
  }
  const folder = inRoot('docs/screenshots');
  mkdirSync(folder, { recursive: true });
  const raw = join(folder, `.${name}.raw.png`);
  const file = join(folder, `${name}.png`);
  try {
    writeFileSync(raw, await page.screenshot());
    const palette = 'split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=none';
    const { problem } = await runBounded(
      ffmpeg,
      ['-v', 'error', '-y', '-i', raw, '-vf', palette, '-compression_level', '100', file],
      { timeoutMs: 30_000 },
    );
    if (problem) throw new SetupError(`ffmpeg ${problem} while it reduced ${name}.png.`);
  } finally {
    rmSync(raw, { force: true });
  }
  const { size } = statSync(file);
  if (size > LARGEST_BYTES) {
    throw new SetupError(`${name}.png must be at most ${LARGEST_BYTES} bytes, but has ${size}.`);
  }
  say(`docs/screenshots/${name}.png (${Math.round(size / 1000)} kB)`);
}

import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { aptInstall, canAptInstall, onDebian } from './debian.mjs';
import { findOnPath, isExecutable, runBounded } from './process.mjs';
import { inRoot } from './root.mjs';
import { say } from './say.mjs';
import { markTried, wasTried } from './stamp.mjs';

const DOWNLOAD_LIMIT_MS = 180_000;

/**
 * The ffmpeg that pushes to servers: a bundled download, `FFMPEG_BIN`, PATH, or Debian's.
 * @returns its path, or null after saying in one sentence what to do.
 */
export async function ensureFfmpeg() {
  const found = (await bundledFfmpeg()) ?? namedFfmpeg() ?? findOnPath('ffmpeg');
  if (found) return found;
  if (canAptInstall()) {
    const problem = await aptInstall(['ffmpeg'], 'the studio sends to servers through ffmpeg');
    if (!problem) return findOnPath('ffmpeg');
    say(`ffmpeg could not be installed: ${problem}`);
  }
  say(`Streaming is off because ffmpeg was not found: ${adviceFor('ffmpeg')}, then start again.`);
  return null;
}

async function bundledFfmpeg() {
  const packageFile = inRoot('node_modules/ffmpeg-static/package.json');
  if (!existsSync(packageFile)) return null;
  const path = createRequire(packageFile)('ffmpeg-static');
  if (typeof path !== 'string') return null;
  if (isExecutable(path)) return path;
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));
  if (wasTried('ffmpeg-static', version)) return null;
  say('Fetching a bundled ffmpeg (once).');
  const { problem } = await runBounded(process.execPath, [inRoot('node_modules/ffmpeg-static/install.js')], {
    timeoutMs: DOWNLOAD_LIMIT_MS,
    quiet: true,
  });
  markTried('ffmpeg-static', version);
  if (problem || !isExecutable(path)) {
    say("The bundled ffmpeg could not be fetched; this machine's own is used if there is one.");
    return null;
  }
  return path;
}

function namedFfmpeg() {
  const named = process.env.FFMPEG_BIN;
  if (!named) return null;
  if (isExecutable(named)) return named;
  say(`FFMPEG_BIN names "${named}", which is not a program; looking on PATH instead.`);
  return null;
}

/** How to get a program on this system, for the end of a sentence. */
export function adviceFor(program, platform = process.platform, debian = onDebian()) {
  if (platform === 'darwin') return `run "brew install ${program}"`;
  if (platform === 'win32') return `run "winget install ${program}"`;
  if (debian) return `run "sudo apt-get install ${program}"`;
  return `install the package "${program}"`;
}

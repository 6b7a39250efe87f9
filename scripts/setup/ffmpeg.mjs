import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptInstall, canAptInstall, onDebian } from './debian.mjs';
import { findOnPath, isExecutable, runBounded } from './process.mjs';
import { inRoot } from './root.mjs';
import { say } from './say.mjs';
import { markTried, wasTried } from './stamp.mjs';

const DOWNLOAD_LIMIT_MS = 180_000;

/** What the step reaches for; tests give their own. */
const SYSTEM = {
  folder: inRoot('node_modules/ffmpeg-static'),
  platform: process.platform,
  named: process.env.FFMPEG_BIN,
  run: runBounded,
  findOnPath,
  canAptInstall,
  aptInstall,
  stampFile: undefined,
};

/**
 * The ffmpeg that pushes to servers: a bundled download, `FFMPEG_BIN`, PATH, or Debian's.
 * @returns its path, or null after saying in one sentence what to do.
 */
export async function ensureFfmpeg(system = SYSTEM) {
  const found = (await bundledFfmpeg(system)) ?? namedFfmpeg(system) ?? system.findOnPath('ffmpeg');
  if (found) return found;
  if (system.canAptInstall()) {
    const problem = await system.aptInstall(['ffmpeg'], 'the studio sends to servers through ffmpeg');
    if (!problem) return system.findOnPath('ffmpeg');
    say(`ffmpeg could not be installed: ${problem}`);
  }
  say(`Streaming is off because ffmpeg was not found: ${adviceFor('ffmpeg')}, then start again.`);
  return null;
}

async function bundledFfmpeg({ folder, platform, run, stampFile }) {
  const packageFile = join(folder, 'package.json');
  if (!existsSync(packageFile)) return null;
  const path = join(folder, platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg');
  if (isExecutable(path)) return path;
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));
  if (wasTried('ffmpeg-static', version, stampFile)) return null;
  say('Fetching a bundled ffmpeg (once; about 30 MB).');
  const { problem } = await run(process.execPath, [join(folder, 'install.js')], {
    timeoutMs: DOWNLOAD_LIMIT_MS,
    quiet: true,
    progress: 'fetching ffmpeg',
    // its installer takes a file named there for its own and fetches nothing
    env: { FFMPEG_BIN: undefined },
  });
  markTried('ffmpeg-static', version, stampFile);
  if (problem || !isExecutable(path)) {
    say("The bundled ffmpeg could not be fetched; this machine's own is used if there is one.");
    return null;
  }
  return path;
}

function namedFfmpeg({ named }) {
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

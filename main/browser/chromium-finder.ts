import { accessSync, constants, statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { StudioError } from '../../contract/errors';

/** What of a machine decides where its browsers lie. */
export type Machine = {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
};

const LINUX_NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser',
];
/** Packages that do not put their programs on PATH. */
const LINUX_PLACES = [
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/opt/microsoft/msedge/msedge',
  '/opt/brave.com/brave/brave',
  '/var/lib/flatpak/exports/bin/org.chromium.Chromium',
  '/var/lib/flatpak/exports/bin/com.google.Chrome',
];
const MAC_APPS = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'];
const WINDOWS_PLACES = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
  'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
];
/** Environment variables that hold Windows' program folders, machine-wide ones first. */
const WINDOWS_ROOTS = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'];

/** Every path at which a Chromium browser may lie on `machine`, the preferred one first. */
export function chromiumCandidates({ platform, env }: Machine): string[] {
  if (platform === 'win32') {
    const roots = WINDOWS_ROOTS.map((name) => env[name]).filter((root) => root !== undefined);
    return WINDOWS_PLACES.flatMap((place) => roots.map((root) => win32.join(root, place)));
  }
  if (platform === 'darwin') {
    const roots = ['/Applications', ...(env.HOME ? [posix.join(env.HOME, 'Applications')] : [])];
    return MAC_APPS.flatMap((app) => roots.map((root) => `${root}/${app}.app/Contents/MacOS/${app}`));
  }
  const folders = (env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  const onPath = LINUX_NAMES.flatMap((name) => folders.map((folder) => posix.join(folder, name)));
  return [...onPath, ...LINUX_PLACES];
}

/**
 * Path of an installed Chromium, Chrome, Edge or Brave; null when there is none.
 * `FANTASCOPE_CHROMIUM` goes before all others.
 * @throws StudioError `shell.missing` when that variable names something that cannot be run.
 */
export function findChromium(
  machine: Machine = { platform: process.platform, env: process.env },
  isProgram: (path: string) => boolean = isExecutableFile,
): string | null {
  const named = machine.env.FANTASCOPE_CHROMIUM;
  if (named) {
    if (isProgram(named)) return named;
    throw new StudioError(
      'shell',
      'shell.missing',
      `FANTASCOPE_CHROMIUM must name a program, got "${named}": correct it or unset it.`,
    );
  }
  return chromiumCandidates(machine).find(isProgram) ?? null;
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // not there, or not ours to run: the next place is tried
    return false;
  }
}

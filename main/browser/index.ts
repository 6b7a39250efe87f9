import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StudioError, toStudioError } from '../../contract/errors';
import { launchStudio, type LaunchedStudio } from '../launch/launch';
import { playShow } from '../launch/show/play-show';
import { readShow } from '../launch/show/show-file';
import type { LaunchOptions, Shell } from '../studio/shell';
import { findChromium } from './chromium-finder';
import { ChromiumWindow } from './chromium-window';
import { forkChild } from './children';
import { parseCli, type Cli } from './cli';
import { Reopener } from './reopener';
import { revealFile } from './reveal-file';
import { openSecrets } from './secrets';
import { defaultUserDataDir } from './user-data';
import { WindowWatchdog } from './window-watchdog';

const APP_DIR = resolve(import.meta.dirname, '..', '..');

/** Runs the studio in an installed browser, or without hands for a show; the exit code tells how it went. */
async function main(): Promise<number> {
  const cli = parseCli(process.argv.slice(2));
  const showFile = cli.demo ? join(APP_DIR, 'shows', 'demo', 'demo.json') : cli.show;
  return showFile ? runShow(cli, resolve(showFile)) : runStudio(cli);
}

async function runStudio(cli: Cli): Promise<number> {
  const studio = await launchStudio(
    await browserShell(),
    launchOptions(cli.userData ?? defaultUserDataDir(), cli.project ? { projectFile: cli.project } : {}),
  );
  if (cli.serve || cli.headless) console.log(`Fantascope is served at ${studio.url}`);
  const window = cli.serve
    ? null
    : await openWindow(studio, cli.headless, cli.userData ?? defaultUserDataDir());
  if (window === null && !cli.serve)
    console.log(`No browser was found. Open ${studio.url} in Chromium, Chrome or Edge.`);
  await Promise.race([untilSignal(), ...(window ? [window.closedByUser] : [])]);
  // Outputs end first, with the live picture and not with the slate.
  await studio.stop();
  await window?.close();
  return 0;
}

async function runShow(cli: Cli, file: string): Promise<number> {
  const show = await readShow(file);
  const outDir = resolve(cli.out ?? join(process.cwd(), 'out', 'shows'));
  const userData = await mkdtemp(join(tmpdir(), 'fantascope-show-'));
  try {
    const project = { ...show.project, recording: { ...show.project.recording, folder: outDir } };
    const studio = await launchStudio(
      await browserShell(),
      launchOptions(userData, { project, projectFile: join(userData, 'show.json') }),
    );
    const window = await openWindow(studio, cli.headless, userData);
    if (!window)
      console.log(`No browser was found. Open ${studio.url} in Chromium, Chrome or Edge to play the show.`);
    const interrupted = new AbortController();
    void untilSignal().then(() => interrupted.abort());
    const outcome = await playShow(studio, show, outDir, {
      say: (line) => console.log(line),
      signal: interrupted.signal,
    });
    await studio.stop();
    await window?.close();
    console.log(outcome.summary);
    return outcome.ok ? 0 : 1;
  } finally {
    await rm(userData, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function browserShell(): Promise<Shell> {
  return {
    kind: 'browser',
    secrets: await openSecrets(),
    spawnChild: forkChild,
    chooseFile: () => Promise.resolve(null),
    openExternal: () => Promise.reject(linksOpenThemselves()),
    revealFile,
    setOnAir: () => {},
  };
}

/** A page in a browser needs no help to open another. */
function linksOpenThemselves(): StudioError {
  return new StudioError('shell', 'argument.invalid', 'In a browser links open themselves.');
}

function launchOptions(userDataDir: string, extra: Partial<LaunchOptions>): LaunchOptions {
  return {
    appDir: APP_DIR,
    userDataDir,
    rendererDir: join(APP_DIR, 'out', 'renderer'),
    engineEntry: join(APP_DIR, 'out', 'main', 'engine.js'),
    modelsDir: process.env.FANTASCOPE_MODELS ?? join(APP_DIR, 'native-models'),
    ...extra,
  };
}

type OpenedWindow = { close(): Promise<void>; closedByUser: Promise<void> };

async function openWindow(
  studio: LaunchedStudio,
  headless: boolean,
  userData: string,
): Promise<OpenedWindow | null> {
  const executable = findChromium();
  if (!executable) return null;
  let userClosed = (): void => {};
  const closedByUser = new Promise<void>((done) => {
    userClosed = done;
  });
  const reopener = new Reopener(() => {
    window.open(studio.origin).catch((error: unknown) => gone(toStudioError(error, 'shell').message));
  });
  const gone = (reason: string): void => {
    studio.windowGone(reason);
    if (!reopener.again(studio.isOnAir())) userClosed();
  };
  const window = new ChromiumWindow({
    executable,
    profileDir: join(userData, 'window'),
    url: () => studio.windowUrl(),
    headless,
    onLog: () => {},
    onGone: (reason) => {
      // A window that is closed by hand off air ends the studio; any other end brings it back.
      if (reason === 'code 0' && !studio.isOnAir()) return userClosed();
      gone(reason);
    },
    extraArgs: process.env.FANTASCOPE_CHROMIUM_ARGS?.split(' ').filter(Boolean) ?? [],
  });
  await window.open(studio.origin);
  const watchdog = new WindowWatchdog(
    () => studio.stage.link.connected,
    () => window.kill(),
  );
  watchdog.start();
  return {
    closedByUser,
    close: async () => {
      watchdog.stop();
      reopener.stop();
      await window.close();
    },
  };
}

function untilSignal(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(toStudioError(error, 'shell').message);
  process.exitCode = 1;
}
process.exit();

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { app, powerMonitor, session, type BrowserWindow } from 'electron';
import { launchStudio, type LaunchedStudio } from '../launch/launch';
import { playShow } from '../launch/show/play-show';
import { readShow } from '../launch/show/show-file';
import type { LaunchOptions } from '../studio/shell';
import type { Arguments } from './arguments';
import { forkUtility } from './children';
import { confirmQuitOnAir, createDialogs } from './dialogs';
import { installMenu } from './menu';
import { guardNavigation } from './navigation';
import { appPaths } from './paths';
import { guardPermissions } from './permissions';
import { createWakeLock } from './power';
import { QuitGuard } from './quit-guard';
import { relaunchDelayMs } from './relaunch';
import { openSecrets } from './secrets';
import { openWindow } from './window';

/** One running studio and its window. */
export class Application {
  readonly #paths = appPaths(app.getAppPath(), process.resourcesPath, app.isPackaged);
  readonly #quit: QuitGuard;
  readonly #crashesMs: number[] = [];
  /** Aborted when the application ends: a show in progress stops there. */
  readonly #ending = new AbortController();
  #studio: LaunchedStudio | null = null;
  #opened: ReturnType<typeof openWindow> | null = null;
  #reopening: NodeJS.Timeout | null = null;
  #exitCode = 0;

  constructor() {
    this.#quit = new QuitGuard({
      isOnAir: () => this.#studio?.isOnAir() ?? false,
      confirm: () => confirmQuitOnAir(this.#window),
      stop: () => this.#stop(),
      exit: () => app.exit(this.#exitCode),
    });
  }

  /**
   * Starts the studio and opens its window, or plays a show in it and ends; call after `ready`.
   * @throws StudioError when the studio cannot start or the show cannot be read
   */
  async start({ project, show, out }: Arguments): Promise<void> {
    // main/outputs looks here first: its own places are inside the archive, where no program can start
    if (this.#paths.ffmpeg) process.env.FANTASCOPE_FFMPEG ??= this.#paths.ffmpeg;
    installMenu(app.isPackaged);
    this.#listen();
    if (show === null) await this.#launch(app.getPath('userData'), project ? { projectFile: project } : {});
    else await this.#play(show, out);
  }

  /** Brings the window to the front: a second start of the application asks for it. */
  show(): void {
    const window = this.#window;
    if (!window) return;
    if (window.isMinimized()) window.restore();
    window.focus();
  }

  get #window(): BrowserWindow | null {
    const window = this.#opened?.window;
    return window && !window.isDestroyed() ? window : null;
  }

  #listen(): void {
    app.on('before-quit', (event) => {
      if (this.#quit.mayQuit) return;
      event.preventDefault();
      void this.#quit.request();
    });
    // between two windows (a crash, a reopening) the programme goes on without one
    app.on('window-all-closed', () => undefined);
    app.on('child-process-gone', (_event, details) => {
      console.warn(`Process ${details.serviceName ?? details.type} ended: ${details.reason}.`);
    });
    powerMonitor.on('shutdown', () => void this.#quit.now());
  }

  async #launch(userDataDir: string, extra: Partial<LaunchOptions>): Promise<LaunchedStudio> {
    const { rendererDir, engineEntry, modelsDir } = this.#paths;
    const studio = await launchStudio(
      {
        kind: 'electron',
        secrets: await openSecrets(join(app.getPath('userData'), 'secrets.json')),
        spawnChild: forkUtility,
        ...createDialogs(() => this.#window),
        ...createWakeLock(),
      },
      { userDataDir, rendererDir, engineEntry, modelsDir, appDir: app.getAppPath(), ...extra },
    );
    this.#studio = studio;
    guardPermissions(session.defaultSession, studio.origin);
    app.on('web-contents-created', (_event, contents) => guardNavigation(contents, studio.origin));
    this.#openWindow(studio);
    return studio;
  }

  /** A show has its own user data, so that it neither finds nor leaves anything. */
  async #play(file: string, outDir: string): Promise<void> {
    const show = await readShow(file);
    const userDataDir = await mkdtemp(join(tmpdir(), 'fantascope-show-'));
    try {
      const project = { ...show.project, recording: { ...show.project.recording, folder: outDir } };
      const studio = await this.#launch(userDataDir, {
        project,
        projectFile: join(userDataDir, 'show.json'),
      });
      const { signal } = this.#ending;
      const outcome = await playShow(studio, show, outDir, { say: (line) => console.log(line), signal });
      console.log(outcome.summary);
      this.#exitCode = outcome.ok ? 0 : 1;
      await this.#stop();
    } finally {
      await rm(userDataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
    await this.#quit.now();
  }

  #openWindow(studio: LaunchedStudio): void {
    this.#opened = openWindow({
      url: studio.url,
      preloadFile: this.#paths.preloadFile,
      placeFile: join(app.getPath('userData'), 'window.json'),
      onClose: () => void this.#quit.request(),
      onGone: (reason) => this.#windowGone(studio, reason),
    });
  }

  #windowGone(studio: LaunchedStudio, reason: string): void {
    if (this.#ending.signal.aborted) return;
    studio.windowGone(reason);
    this.#crashesMs.push(performance.now());
    if (this.#reopening) clearTimeout(this.#reopening);
    this.#reopening = setTimeout(() => {
      this.#reopening = null;
      const broken = this.#opened;
      // the new one first, so that there is never a moment without a window
      this.#openWindow(studio);
      broken?.close();
    }, relaunchDelayMs(this.#crashesMs));
  }

  async #stop(): Promise<void> {
    this.#ending.abort();
    if (this.#reopening) clearTimeout(this.#reopening);
    const studio = this.#studio;
    this.#studio = null;
    await studio?.stop();
    this.#opened?.close();
  }
}

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { app, powerMonitor, session, type BrowserWindow } from 'electron';
import { launchStudio } from '../studio/launch';
import type { RunningStudio } from '../studio/shell';
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
  #studio: RunningStudio | null = null;
  #opened: ReturnType<typeof openWindow> | null = null;
  #reopening: NodeJS.Timeout | null = null;

  constructor() {
    this.#quit = new QuitGuard({
      isOnAir: () => this.#studio?.isOnAir() ?? false,
      confirm: () => confirmQuitOnAir(this.#window),
      stop: () => this.#stop(),
      exit: () => app.quit(),
    });
  }

  /**
   * Starts the studio, then opens its window; call after `ready`.
   * @param projectFile project to open; undefined: the last one
   * @throws StudioError when the studio cannot start
   */
  async start(projectFile?: string): Promise<void> {
    const userDataDir = app.getPath('userData');
    // main/outputs looks here before its own places
    if (this.#paths.ffmpeg) process.env.FANTASCOPE_FFMPEG ??= this.#paths.ffmpeg;
    installMenu(app.isPackaged);
    this.#listen();
    const { rendererDir, engineEntry, modelsDir } = this.#paths;
    const studio = await launchStudio(
      {
        kind: 'electron',
        secrets: await openSecrets(join(userDataDir, 'secrets.json')),
        spawnChild: forkUtility,
        ...createDialogs(() => this.#window),
        ...createWakeLock(),
      },
      {
        userDataDir,
        rendererDir,
        engineEntry,
        modelsDir,
        appDir: app.getAppPath(),
        ...(projectFile ? { projectFile } : {}),
      },
    );
    this.#studio = studio;
    guardPermissions(session.defaultSession, studio.origin);
    app.on('web-contents-created', (_event, contents) => guardNavigation(contents, studio.origin));
    this.#openWindow(studio);
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

  #openWindow(studio: RunningStudio): void {
    this.#opened = openWindow({
      url: studio.url,
      preloadFile: this.#paths.preloadFile,
      placeFile: join(app.getPath('userData'), 'window.json'),
      onClose: () => void this.#quit.request(),
      onGone: (reason) => this.#windowGone(studio, reason),
    });
  }

  #windowGone(studio: RunningStudio, reason: string): void {
    studio.windowGone(reason);
    this.#crashesMs.push(performance.now());
    this.#reopening = setTimeout(() => {
      this.#reopening = null;
      const broken = this.#opened;
      // the new one first, so that there is never a moment without a window
      this.#openWindow(studio);
      broken?.close();
    }, relaunchDelayMs(this.#crashesMs));
  }

  async #stop(): Promise<void> {
    if (this.#reopening) clearTimeout(this.#reopening);
    await this.#studio?.stop();
    this.#opened?.close();
  }
}

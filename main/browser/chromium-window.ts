import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { grantInProfile } from './chromium-profile';

const STOP_WAIT_MS = 3000;

export type WindowOptions = {
  /** Chromium, Chrome or Edge. */
  executable: string;
  profileDir: string;
  /** The page; asked anew at each opening. */
  url: () => string;
  headless: boolean;
  /** Called when the browser ended without being asked to. */
  onGone: (reason: string) => void;
  onLog: (line: string) => void;
  /** More switches, for tests with fake devices. */
  extraArgs?: readonly string[];
};

/**
 * The switches every window of the studio is started with: sound may play without a
 * gesture, and timers and rendering go on when the window is covered.
 */
export function chromiumArgs(
  options: Pick<WindowOptions, 'profileDir' | 'url' | 'headless' | 'extraArgs'>,
): string[] {
  return [
    `--user-data-dir=${options.profileDir}`,
    '--autoplay-policy=no-user-gesture-required',
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    '--disable-backgrounding-occluded-windows',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--hide-crash-restore-bubble',
    // Nothing is ever said on this pipe: the browser ends itself when it breaks, so that a
    // killed studio leaves no window behind that still holds the camera.
    '--remote-debugging-pipe',
    // Chromium refuses to start as root with its sandbox; for everyone else the sandbox stays.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(options.headless
      ? ['--headless=new', '--window-size=1280,800', options.url()]
      : ['--window-size=1280,800', `--app=${options.url()}`]),
    ...(options.extraArgs ?? []),
  ];
}

/** An installed Chromium as the studio's window: a process of ours, in a profile of its own. */
export class ChromiumWindow {
  private readonly options: WindowOptions;
  private child: ChildProcess | null = null;
  private stopping = false;

  constructor(options: WindowOptions) {
    this.options = options;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Opens the window; a killed one is opened again by calling this again. */
  async open(origin: string): Promise<void> {
    await grantInProfile(this.options.profileDir, origin);
    // A killed Chromium leaves its lock, which would hand the URL to a process that is gone.
    await rm(join(this.options.profileDir, 'SingletonLock'), { force: true });
    const child = spawn(this.options.executable, chromiumArgs(this.options), {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      // Its own group, so that a kill reaches the launcher script's children as well.
      detached: process.platform !== 'win32',
    });
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.options.onLog(text.trimEnd()));
    for (const pipe of child.stdio.slice(3)) pipe?.on('error', () => {});
    child.on('error', (error) => this.gone(child, error.message));
    child.on('exit', (code, signal) => this.gone(child, signal ?? `code ${code}`));
  }

  /** Ends a window that no longer does its work; `onGone` follows. */
  kill(): void {
    if (this.child?.pid) this.signal(this.child.pid, 'SIGKILL');
  }

  /** Closes the window and waits for its end. */
  async close(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.signal(child.pid, 'SIGTERM');
    const timer = setTimeout(() => this.signal(child.pid!, 'SIGKILL'), STOP_WAIT_MS);
    await ended;
    clearTimeout(timer);
  }

  private gone(child: ChildProcess, reason: string): void {
    if (this.child !== child) return;
    this.child = null;
    // The browser process may die alone and leave its helpers.
    if (child.pid) this.signal(child.pid, 'SIGKILL');
    if (!this.stopping) this.options.onGone(reason);
  }

  private signal(pid: number, signal: NodeJS.Signals): void {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, signal);
    } catch {
      // Already gone.
    }
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createBirpc } from 'birpc';
import { WebSocket } from 'ws';
import type { Command } from '../../contract/commands';
import type { LiveState } from '../../contract/live';
import type { ModelShelf } from '../../contract/models';
import { emptyProject, type Project } from '../../contract/project';
import {
  CONTROL_PATH,
  SUBPROTOCOL,
  TOKEN_PREFIX,
  type InterfaceFunctions,
  type StudioFunctions,
} from '../../contract/rpc';

const ROOT = resolve(import.meta.dirname, '..', '..');

export type StudioProcessOptions = {
  project?: Partial<Project>;
  /** More arguments; default `--headless`. */
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** User data of an earlier run; kept afterwards. */
  userData?: string;
};

/** The built studio as a process of its own, spoken to as its interface does. */
export class StudioProcess {
  readonly child: ChildProcess;
  readonly userData: string;
  readonly lines: string[] = [];
  state!: LiveState;
  /** As it last came; null until `watchModels` was called. */
  models: ModelShelf | null = null;
  rpc!: StudioFunctions;
  url = '';
  private readonly keepUserData: boolean;
  private readonly listeners = new Set<() => void>();
  private socket: WebSocket | null = null;

  private constructor(child: ChildProcess, userData: string, keepUserData: boolean) {
    this.child = child;
    this.userData = userData;
    this.keepUserData = keepUserData;
  }

  /** Starts the studio and waits until it answers. */
  static async start(options: StudioProcessOptions = {}): Promise<StudioProcess> {
    const userData = options.userData ?? (await mkdtemp(join(tmpdir(), 'fantascope-e2e-')));
    const projectFile = join(userData, 'project.json');
    if (options.project) {
      const project = { ...emptyProject('e2e'), ...options.project };
      project.recording = { ...project.recording, folder: project.recording.folder ?? userData };
      await writeFile(projectFile, JSON.stringify(project));
    }
    const args = options.args ?? ['--headless'];
    const child = spawn(
      process.execPath,
      [join(ROOT, 'out/main/browser.js'), '--user-data', userData, '--project', projectFile, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } },
    );
    const studio = new StudioProcess(child, userData, options.userData !== undefined);
    await studio.untilServed();
    await studio.connect();
    return studio;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Gives a command as the interface would; throws what the studio refuses. */
  async command(command: Command, inputUs = 0): Promise<number> {
    const result = await this.rpc.command({ command, inputUs });
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    return result.value.version;
  }

  /** Waits until the live state is as wanted. */
  async until(what: string, isSo: (state: LiveState) => boolean, timeoutMs = 60_000): Promise<LiveState> {
    if (isSo(this.state)) return this.state;
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.listeners.delete(check);
        fail(
          new Error(
            `${what} did not happen within ${timeoutMs} ms. Output:\n${this.lines.slice(-20).join('\n')}`,
          ),
        );
      }, timeoutMs);
      const check = () => {
        if (!isSo(this.state)) return;
        clearTimeout(timer);
        this.listeners.delete(check);
        done(this.state);
      };
      this.listeners.add(check);
    });
  }

  /** Ends the studio as Ctrl-C does. */
  async stop(): Promise<void> {
    this.socket?.close();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((done) => this.child.once('exit', done));
      this.child.kill('SIGTERM');
      const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(timer);
    }
    if (!this.keepUserData) {
      await rm(this.userData, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    }
  }

  private untilServed(): Promise<void> {
    return new Promise((done, fail) => {
      const onLine = (line: string) => {
        this.lines.push(line);
        const match = /(http:\/\/127\.0\.0\.1:\d+\/#token=\S+)/.exec(line);
        if (match) {
          this.url = match[1]!;
          done();
        }
      };
      createInterface({ input: this.child.stdout! }).on('line', onLine);
      createInterface({ input: this.child.stderr! }).on('line', onLine);
      this.child.once('exit', (code) =>
        fail(new Error(`The studio ended with ${code}:\n${this.lines.join('\n')}`)),
      );
    });
  }

  private async connect(): Promise<void> {
    const { origin, hash } = new URL(this.url);
    const token = hash.replace('#token=', '');
    const socket = new WebSocket(
      `${origin.replace('http', 'ws')}${CONTROL_PATH}`,
      [SUBPROTOCOL, TOKEN_PREFIX + token],
      { origin },
    );
    this.socket = socket;
    socket.on('error', () => {});
    await new Promise((done, fail) => {
      socket.once('open', done);
      socket.once('error', fail);
    });
    const functions: InterfaceFunctions = {
      state: (state) => {
        this.state = state;
        for (const listener of this.listeners) listener();
      },
      models: (shelf) => {
        this.models = shelf;
        for (const listener of this.listeners) listener();
      },
    };
    this.rpc = createBirpc<StudioFunctions, InterfaceFunctions>(functions, {
      post: (text: string) => socket.send(text),
      on: (receive) => void socket.on('message', (data) => receive(String(data))),
      serialize: (message) => JSON.stringify(message),
      deserialize: (text: string) => JSON.parse(text) as never,
    });
    const result = await this.rpc.subscribe();
    if (!result.ok) throw new Error(result.error.message);
    this.state = result.value;
  }
}

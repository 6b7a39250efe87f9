import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { StubCommand } from './stub-protocol';

const APP_DIR = resolve(import.meta.dirname, '../../..');
const EXIT_LIMIT_MS = 20_000;

type Report =
  | { type: 'done'; id: number; value: unknown }
  | { type: 'loadURL'; url: string }
  | { type: 'problem'; problem: string };

/** The built main bundle, running in a Node process of its own against the stub. */
export class StubbedElectron {
  /** What went wrong inside: a use of Electron that the stub does not have, an error box. */
  readonly problems: string[] = [];
  /** What the process wrote to stdout and stderr. */
  output = '';
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  readonly #loaded: string[] = [];
  #onChange: () => void = () => {};
  #nextId = 0;

  /** @param env more of the process's environment: `STUB_SECOND=1`, `STUB_BACKEND=…` */
  constructor(env: Record<string, string> = {}) {
    this.#folder = mkdtempSync(join(tmpdir(), 'fantascope-electron-'));
    const userData = join(this.#folder, 'user data');
    mkdirSync(userData);
    const runner = writeLoader(this.#folder, join(APP_DIR, 'out/main/index.js'));
    this.#child = fork(runner.script, {
      execArgv: ['--import', runner.register],
      // recordings go to the user's videos folder: here to one that is thrown away
      env: {
        ...process.env,
        HOME: this.#folder,
        USERPROFILE: this.#folder,
        STUB_APP_DIR: APP_DIR,
        STUB_USER_DATA: userData,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => (this.output += text.toString()));
    }
    this.#child.on('message', (report: Report) => this.#take(report));
    this.#child.on('exit', () => this.#onChange());
  }

  /** Waits until the nth window loads its page; its URL. */
  async loaded(count = 1): Promise<string> {
    await this.#until(() => this.#loaded.length >= count || this.#ended);
    const url = this.#loaded[count - 1];
    if (url === undefined) {
      throw new Error(
        `The bundle ended before it loaded a page: ${this.problems.join('; ')}\n${this.output}`,
      );
    }
    return url;
  }

  /** Lets something happen inside and gives what came of it. */
  async perform(command: StubCommand): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((done, failed) => {
      this.#waiting.set(id, done);
      this.#child.send({ id, command }, (error) => error && failed(error));
    });
  }

  /** The exit code, after the bundle ended by itself; null when it had to be killed. */
  async exit(): Promise<number | null> {
    if (!this.#ended) await once(this.#child, 'exit', { signal: AbortSignal.timeout(EXIT_LIMIT_MS) });
    return this.#child.exitCode;
  }

  /** Kills what still runs and removes its files. */
  async dispose(): Promise<void> {
    if (!this.#ended) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #take(report: Report): void {
    if (report.type === 'done') {
      this.#waiting.get(report.id)?.(report.value);
      this.#waiting.delete(report.id);
    } else if (report.type === 'loadURL') this.#loaded.push(report.url);
    else this.problems.push(report.problem);
    this.#onChange();
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((changed) => (this.#onChange = changed));
  }
}

/** Writes the stub as JavaScript and the hook that puts it in the place of `electron`. */
function writeLoader(folder: string, entryFile: string): { script: string; register: string } {
  const source = readFileSync(join(import.meta.dirname, 'electron-stub.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
    },
  });
  const stub = join(folder, 'electron-stub.mjs');
  writeFileSync(stub, outputText);
  const hooks = join(folder, 'hooks.mjs');
  writeFileSync(
    hooks,
    `export async function resolve(specifier, context, next) {
       return specifier === 'electron'
         ? { url: ${JSON.stringify(pathToFileURL(stub).href)}, format: 'module', shortCircuit: true }
         : next(specifier, context);
     }`,
  );
  const register = join(folder, 'register.mjs');
  writeFileSync(
    register,
    `import { register } from 'node:module'; register(${JSON.stringify(pathToFileURL(hooks).href)});`,
  );
  const script = join(folder, 'run.mjs');
  const entryUrl = pathToFileURL(entryFile).href;
  writeFileSync(script, `import { runEntry } from 'electron'; await runEntry(${JSON.stringify(entryUrl)});`);
  return { script, register: pathToFileURL(register).href };
}

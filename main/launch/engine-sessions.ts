import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineInit, EngineName, EngineRun, KnownRun, Provider } from '../../contract/engine';
import { StudioError, type StudioErrorShape } from '../../contract/errors';
import { readModel } from '../engines/runtime/model-catalogue';
import { ProviderChoice, type Tried } from '../engines/runtime/provider-choice';
import type { ProviderMachine } from '../engines/runtime/provider-machine';
import { ProviderMemory } from '../engines/runtime/provider-memory';
import { registerSecret } from '../outputs/redact';
import type { LaunchOptions, Shell } from '../studio/shell';
import { EngineMemory, type MemoryHolder } from './engine-memory';
import { EngineRunsFile } from './engine-runs-file';

/** A provider under which an engine crashes so often within this time is refused. */
const CRASHES = 3;
const CRASHES_WITHIN_MS = 5 * 60_000;

export type EngineSessionsOptions = {
  shell: Pick<Shell, 'spawnChild' | 'secrets'>;
  paths: Pick<LaunchOptions, 'userDataDir' | 'engineEntry' | 'appDir'>;
  /** This machine; looked at when left out. */
  machine?: ProviderMachine;
  holders: () => readonly MemoryHolder[];
  /** What an engine will run on has changed: it must start anew. */
  onChange: (engine: EngineName) => void;
  /** The user chose a quality tier, or gave the choice back: nothing needs to start anew for that. */
  onQuality: (engine: EngineName, tier: number | null) => void;
  onLog: (line: string) => void;
};

/**
 * What engines run on: asks memory before each start, chooses the provider, and hands over the
 * model server that the user named, with its token from the shell's secret store.
 */
export class EngineSessions {
  readonly #options: EngineSessionsOptions;
  readonly #runs: EngineRunsFile;
  readonly #providers: ProviderChoice;
  /** What the trials for the last start of each engine showed. */
  readonly #trials = new Map<EngineName, readonly string[]>();
  readonly #running = new Map<EngineName, { init: EngineInit; crashesMs: number[] }>();
  readonly #struckOut = new Set<string>();
  readonly #memory: EngineMemory;

  private constructor(options: EngineSessionsOptions, runs: EngineRunsFile, runtime: string) {
    const { shell, paths, holders, machine, onLog } = options;
    this.#options = options;
    this.#runs = runs;
    this.#memory = new EngineMemory(holders);
    this.#providers = new ProviderChoice({
      spawn: shell.spawnChild,
      entryFile: paths.engineEntry,
      memory: new ProviderMemory(join(paths.userDataDir, 'providers.json')),
      runtime,
      ...(machine ? { machine } : {}),
      onVerdict: (model, tried) => onLog(verdictLine(model, tried)),
    });
  }

  static async open(options: EngineSessionsOptions): Promise<EngineSessions> {
    const { userDataDir, appDir } = options.paths;
    const { runs, problem } = await EngineRunsFile.open(join(userDataDir, 'engines.json'));
    if (problem) options.onLog(problem);
    return new EngineSessions(options, runs, await runtimeVersion(appDir));
  }

  /** What the user wants an engine to run on. */
  async run(engine: EngineName): Promise<KnownRun> {
    const run = this.#runs.of(engine);
    const token = await this.#token(engine, run).catch(() => null);
    return { ...run, hasToken: token !== null, trials: [...(this.#trials.get(engine) ?? [])] };
  }

  /**
   * Has the engine run on something else from its next start on, which is at once; another quality
   * tier alone takes effect without one.
   */
  async setRun(engine: EngineName, run: EngineRun): Promise<void> {
    const before = this.#runs.of(engine);
    await this.#runs.set(engine, run);
    const { quality = null } = run;
    if (quality !== (before.quality ?? null)) this.#options.onQuality(engine, quality);
    if (sameWhere(before, run)) return;
    this.#running.delete(engine);
    this.#options.onChange(engine);
  }

  /**
   * Keeps or, when empty, forgets the token for the engine's model server, bound to its address.
   * @throws StudioError `argument.invalid` without a server, `secret.unavailable`.
   */
  async setToken(engine: EngineName, token: string): Promise<void> {
    const { remote } = this.#runs.of(engine);
    if (!remote) {
      const message = `The ${engine} engine must have a model server before it has a token; type its address first.`;
      throw new StudioError('studio', 'argument.invalid', message);
    }
    const { secrets } = this.#options.shell;
    try {
      if (token) await secrets.set(secretName(engine), JSON.stringify({ url: remote.url, token }));
      else await secrets.delete(secretName(engine));
    } catch {
      // The cause is left out: a store's error may quote what it was given.
      throw unavailable('did not keep the token; unlock its keyring and try again');
    }
    this.#options.onChange(engine);
  }

  /**
   * What an engine is told at its start.
   * @throws StudioError `engine.memory`, those of the catalogue, and of what the server needs.
   */
  async prepare(init: EngineInit): Promise<EngineInit> {
    const run = this.#runs.of(init.engine);
    const { files } = await readModel(init, init.model);
    const remote = await this.#remote(init.engine, run);
    await this.#memory.admit(
      init.engine,
      init.model,
      files.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    const placed = run.device === undefined ? init : { ...init, device: run.device };
    const { provider, tried } = await this.#providers.choose(placed, run.provider);
    this.#trials.set(
      init.engine,
      tried.map((one) => verdictLine(init.model, one)),
    );
    const { crashesMs = [] } = this.#running.get(init.engine) ?? {};
    this.#running.set(init.engine, { init: { ...placed, provider }, crashesMs });
    const standIn = refusalOf(run.provider, tried[0]);
    return {
      ...placed,
      provider,
      quality: run.quality ?? null,
      ...(provider === 'cpu' ? {} : { turns: true }),
      ...(standIn ? { standIn } : {}),
      ...(remote ? { remote } : {}),
    };
  }

  /** The engine has loaded its model, or given up. */
  loaded(engine: EngineName): void {
    this.#memory.loaded(engine);
  }

  /**
   * The engine's process ended by itself. A trial cannot show everything: a provider under which
   * that goes on happening is refused, and the next start takes another.
   */
  async crashed(engine: EngineName, nowMs: number = performance.now()): Promise<void> {
    const running = this.#running.get(engine);
    const provider = running?.init.provider;
    if (!running || !provider || provider === 'cpu') return;
    running.crashesMs = [...running.crashesMs.filter((ms) => nowMs - ms < CRASHES_WITHIN_MS), nowMs];
    if (running.crashesMs.length < CRASHES) return;
    running.crashesMs = [];
    const reason = `The engine's process ended ${CRASHES} times within ${CRASHES_WITHIN_MS / 60_000} minutes on it.`;
    // A catalogue that cannot be read is told by the start that follows.
    await this.#providers.refuse(running.init, provider, reason).catch(() => {});
  }

  async #remote(engine: EngineName, run: EngineRun): Promise<EngineInit['remote']> {
    if (!run.remote) return undefined;
    const { url, caFile } = run.remote;
    const token = await this.#token(engine, run);
    if (token && !this.#struckOut.has(token)) {
      this.#struckOut.add(token);
      registerSecret(token);
    }
    const ca = caFile ? await readCertificate(caFile) : undefined;
    return { url, ...(token ? { token } : {}), ...(ca ? { ca } : {}) };
  }

  /** The stored token; one typed for another address is not sent to this one. */
  async #token(engine: EngineName, { remote }: EngineRun): Promise<string | null> {
    let stored: string | null;
    try {
      stored = await this.#options.shell.secrets.get(secretName(engine));
    } catch {
      throw unavailable('gave no token for the model server; unlock its keyring and restart the engine');
    }
    if (!stored) return null;
    const { url, token } = JSON.parse(stored) as Record<string, unknown>;
    return url === remote?.url ? String(token) : null;
  }
}

/** Whether two runs have an engine at the same place. */
function sameWhere(a: EngineRun, b: EngineRun): boolean {
  return (
    a.provider === b.provider &&
    a.device === b.device &&
    a.remote?.url === b.remote?.url &&
    a.remote?.caFile === b.remote?.caFile
  );
}

function secretName(engine: EngineName): string {
  return `model-server-${engine}`;
}

function unavailable(what: string): StudioError {
  return new StudioError('shell', 'secret.unavailable', `The system ${what}.`);
}

async function readCertificate(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const message = `The certificate ${file} of the model server must be readable and is not; choose another file.`;
    throw new StudioError('engine', 'argument.invalid', message, { cause });
  }
}

/** The runtime is not loaded here: it belongs into engine processes. */
async function runtimeVersion(appDir: string): Promise<string> {
  try {
    const file = join(appDir, 'node_modules', 'onnxruntime-node', 'package.json');
    return String((JSON.parse(await readFile(file, 'utf8')) as { version: unknown }).version);
  } catch {
    return 'unknown';
  }
}

/** Words for a provider that the user named and does not get. */
function refusalOf(wanted: Provider, tried: Tried | undefined): StudioErrorShape | null {
  if (wanted !== tried?.provider || tried.verdict.agrees) return null;
  const message = `The engine runs on the processor. ${tried.verdict.reason}`.slice(0, 2000);
  return new StudioError('engine', 'provider.refused', message).toShape();
}

function verdictLine(model: string, { provider, verdict }: Tried): string {
  if (!verdict.agrees) return `Provider ${provider} is refused for ${model}: ${verdict.reason}`;
  const share = verdict.cpuMs / verdict.providerMs;
  return `Provider ${provider} agrees with the processor on ${model} and is ${share.toPrecision(3)} times as fast.`;
}

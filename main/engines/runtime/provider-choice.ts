import { createHash } from 'node:crypto';
import type { EngineInit, Provider, RunningProvider } from '../../../contract/engine';
import { readModel } from './model-catalogue';
import { lookAtMachine, type ProviderMachine } from './provider-machine';
import type { ProviderMemory } from './provider-memory';
import { tryProvider, type TrialOptions, type Verdict } from './provider-trial';

/** A verdict on a provider, and the provider. */
export type Tried = { provider: RunningProvider; verdict: Verdict };
/** The provider that a model runs on, and what the others were refused for. */
export type Choice = { provider: RunningProvider; tried: readonly Tried[] };

export type ProviderChoiceOptions = TrialOptions & {
  memory: ProviderMemory;
  /** Version of the runtime. */
  runtime: string;
  machine?: ProviderMachine;
  /** A verdict that was just given. */
  onVerdict?: (model: string, tried: Tried) => void;
};

/**
 * Chooses what a model runs on: the fastest provider that agrees with the processor, or the one
 * that the user names, if it agrees. Each is tried once for a model, a driver and a version of the
 * runtime; trials follow one another, for two at a time would measure each other.
 */
export class ProviderChoice {
  readonly #options: ProviderChoiceOptions;
  readonly #machine: ProviderMachine;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ProviderChoiceOptions) {
    this.#options = options;
    this.#machine = options.machine ?? lookAtMachine();
  }

  /** @throws StudioError of the catalogue: `model.missing`, `model.corrupt`. */
  choose(init: EngineInit, wanted: Provider): Promise<Choice> {
    const choice = this.#queue.then(() => this.#choose(init, wanted));
    this.#queue = choice.catch(() => {});
    return choice;
  }

  async #choose(init: EngineInit, wanted: Provider): Promise<Choice> {
    const candidates = wanted === 'auto' ? this.#machine.candidates : wanted === 'cpu' ? [] : [wanted];
    if (candidates.length === 0) return { provider: 'cpu', tried: [] };
    const { files } = await readModel(init.modelsDir, init.model);
    const hash = createHash('sha256')
      .update(files.map(({ role, sha256 }) => `${role} ${sha256}\n`).join(''))
      .digest('hex');
    const tried: Tried[] = [];
    for (const provider of candidates) {
      tried.push({ provider, verdict: await this.#verdict(init, provider, hash) });
    }
    const named = wanted !== 'auto';
    return { provider: fastest(tried, named), tried };
  }

  async #verdict(init: EngineInit, provider: RunningProvider, hash: string): Promise<Verdict> {
    const { memory, runtime, onVerdict } = this.#options;
    const place = `${provider}, runtime ${runtime}, ${this.#machine.driver}`;
    const ofModel = `${init.engine} ${hash} ${init.threads} threads on ${place}`;
    const known = (await memory.find(place)) ?? (await memory.find(ofModel));
    if (known) return known;
    const verdict = await tryProvider({ ...init, provider }, this.#options);
    const ofMachine = !verdict.agrees && verdict.holds === 'machine';
    // Without the file the next start only tries again.
    await memory.note(ofMachine ? place : ofModel, verdict).catch(() => {});
    onVerdict?.(init.model, { provider, verdict });
    return verdict;
  }
}

/** A provider that the user named need only agree; else it must also beat the processor. */
function fastest(tried: readonly Tried[], named: boolean): RunningProvider {
  let best: { provider: RunningProvider; share: number } = { provider: 'cpu', share: named ? Infinity : 1 };
  for (const { provider, verdict } of tried) {
    if (!verdict.agrees) continue;
    const share = verdict.providerMs / Math.max(verdict.cpuMs, Number.MIN_VALUE);
    if (share < best.share) best = { provider, share };
  }
  return best.provider;
}

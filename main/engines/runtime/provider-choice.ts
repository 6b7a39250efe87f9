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

  /** A provider that agreed in its trial, but failed in use, is refused from now on. */
  async refuse(init: EngineInit, provider: RunningProvider, reason: string): Promise<void> {
    const verdict: Verdict = { agrees: false, holds: 'model', reason };
    const { ofModel } = this.#keys(init, provider, await hashOf(init));
    await this.#options.memory.note(ofModel, verdict).catch(() => {});
    this.#options.onVerdict?.(init.model, { provider, verdict });
  }

  async #choose(init: EngineInit, wanted: Provider): Promise<Choice> {
    const candidates = wanted === 'auto' ? this.#machine.candidates : wanted === 'cpu' ? [] : [wanted];
    if (candidates.length === 0) return { provider: 'cpu', tried: [] };
    const hash = await hashOf(init);
    const tried: Tried[] = [];
    for (const provider of candidates) {
      tried.push({ provider, verdict: await this.#verdict(init, provider, hash) });
    }
    const named = wanted !== 'auto';
    return { provider: fastest(tried, named), tried };
  }

  async #verdict(init: EngineInit, provider: RunningProvider, hash: string): Promise<Verdict> {
    const { memory, onVerdict } = this.#options;
    const { place, ofModel } = this.#keys(init, provider, hash);
    const known = (await memory.find(place)) ?? (await memory.find(ofModel));
    if (known) return known;
    const verdict = await tryProvider({ ...init, provider }, this.#options);
    const ofMachine = !verdict.agrees && verdict.holds === 'machine';
    // Without the file the next start only tries again.
    await memory.note(ofMachine ? place : ofModel, verdict).catch(() => {});
    onVerdict?.(init.model, { provider, verdict });
    return verdict;
  }

  /** What verdicts are remembered by: those on this machine, and those on one model here. */
  #keys({ engine, threads, device }: EngineInit, provider: RunningProvider, hash: string) {
    const card = device === undefined ? '' : ` card ${device}`;
    const place = `${provider}${card}, runtime ${this.#options.runtime}, ${this.#machine.driver}`;
    return { place, ofModel: `${engine} ${hash} ${threads} threads on ${place}` };
  }
}

/** One hash of all files of a model. */
async function hashOf(init: EngineInit): Promise<string> {
  const { files } = await readModel(init, init.model);
  const lines = files.map(({ role, sha256 }) => `${role} ${sha256}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
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

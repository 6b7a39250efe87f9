import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import { StudioError } from '../../contract/errors';
import type { EngineInit } from '../../contract/engine';
import { tryProvider, type TrialOptions } from '../engines/runtime/provider-trial';
import type { KnownModel } from './known-models';
import { REFERENCE_GFLOPS, type ResultCost } from './model-fit';

/** The reference network: small, shipped, and run once for each picture. */
const REFERENCE = 'animate-mini';

const FileSchema = v.object({ version: v.literal(1), referenceMs: v.pipe(v.number(), v.minValue(1e-3)) });

export type MachineSpeedOptions = TrialOptions & {
  /** Where the figure is kept. */
  file: string;
  modelsDir: string;
  threads: number;
};

/**
 * How fast this machine runs a network, by one that is always there: a trial in a process of its own,
 * as providers have it. From it follows what other networks can be expected to do, by their cost.
 */
export class MachineSpeed {
  readonly #options: MachineSpeedOptions;
  #referenceMs: number | null;
  #measuring: Promise<void> | null = null;

  private constructor(options: MachineSpeedOptions, referenceMs: number | null) {
    this.#options = options;
    this.#referenceMs = referenceMs;
  }

  static async open(options: MachineSpeedOptions): Promise<MachineSpeed> {
    const text = await readFile(options.file, 'utf8').catch(() => 'null');
    let known: number | null = null;
    try {
      known = v.parse(FileSchema, JSON.parse(text)).referenceMs;
    } catch {
      // Nothing was measured yet, or not by this version: it can be measured at any time.
    }
    return new MachineSpeed(options, known);
  }

  /** Milliseconds of one picture of the reference network on the processor; null before the first measurement. */
  get referenceMs(): number | null {
    return this.#referenceMs;
  }

  /** What one result of a model costs, if anybody knows. */
  costOf({ id, cost }: KnownModel): ResultCost | null {
    return id === REFERENCE ? { gflops: REFERENCE_GFLOPS, of: 'a picture of 256 × 256' } : cost;
  }

  /** @throws StudioError `engine.failed` when the reference network cannot be run. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measure().finally(() => (this.#measuring = null));
    return this.#measuring;
  }

  async #measure(): Promise<void> {
    const { file, modelsDir, threads, ...trial } = this.#options;
    const init: EngineInit & { provider: string } = {
      type: 'init',
      engine: 'animate',
      token: '',
      origin: '',
      modelsDir,
      model: REFERENCE,
      threads,
      provider: 'cpu',
      trial: true,
    };
    const verdict = await tryProvider(init, trial);
    if (!verdict.agrees) {
      const message = `This machine could not be measured: ${verdict.reason}`;
      throw new StudioError('engine', 'engine.failed', message.slice(0, 2000));
    }
    this.#referenceMs = verdict.cpuMs;
    await writeFileAtomic(file, `${JSON.stringify({ version: 1, referenceMs: verdict.cpuMs })}\n`);
  }
}

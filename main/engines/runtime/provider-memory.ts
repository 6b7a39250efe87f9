import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import type { Verdict } from './provider-trial';

/** Verdicts are given anew after this long: a driver can change without telling its version. */
export const VERDICT_LASTS_MS = 30 * 24 * 3600 * 1000;
const MAX_VERDICTS = 500;

const VerdictSchema = v.variant('agrees', [
  v.object({
    agrees: v.literal(true),
    providerMs: v.pipe(v.number(), v.minValue(0)),
    cpuMs: v.pipe(v.number(), v.minValue(0)),
  }),
  v.object({ agrees: v.literal(false), holds: v.picklist(['machine', 'model']), reason: v.string() }),
]);
const MemorySchema = v.object({
  version: v.literal(1),
  verdicts: v.record(v.string(), v.object({ atMs: v.number(), verdict: VerdictSchema })),
});
type Memory = v.InferOutput<typeof MemorySchema>;

/** What trials showed, in one small file; a damaged one only means that trials are made again. */
export class ProviderMemory {
  readonly #file: string;
  readonly #now: () => number;
  #memory: Promise<Memory> | null = null;

  constructor(file: string, now: () => number = Date.now) {
    this.#file = file;
    this.#now = now;
  }

  async find(key: string): Promise<Verdict | null> {
    const known = (await this.#load()).verdicts[key];
    if (!known || Math.abs(this.#now() - known.atMs) > VERDICT_LASTS_MS) return null;
    return known.verdict;
  }

  /** Rejects when the file cannot be written; the verdict holds for this run all the same. What holds once is not kept. */
  async note(key: string, verdict: Verdict): Promise<void> {
    if (!v.is(VerdictSchema, verdict)) return;
    const memory = await this.#load();
    memory.verdicts[key] = { atMs: this.#now(), verdict };
    const oldest = Object.entries(memory.verdicts).sort(([, a], [, b]) => a.atMs - b.atMs);
    for (const [old] of oldest.slice(0, Math.max(0, oldest.length - MAX_VERDICTS)))
      delete memory.verdicts[old];
    await writeFileAtomic(this.#file, `${JSON.stringify(memory, null, 1)}\n`);
  }

  #load(): Promise<Memory> {
    return (this.#memory ??= readFile(this.#file, 'utf8')
      .then((text) => v.parse(MemorySchema, JSON.parse(text)))
      .catch(() => ({ version: 1, verdicts: {} })));
  }
}

import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import { ENGINES, EngineRunSchema, type EngineName, type EngineRun } from '../../contract/engine';

const FileSchema = v.object({
  version: v.literal(1),
  engines: v.record(v.picklist(ENGINES), EngineRunSchema),
});

/** What an engine runs on while nobody chose. */
export const DEFAULT_RUN: EngineRun = { provider: 'auto', remote: null };

/**
 * What each engine runs on, as the user chose: it belongs to the machine, not to a project. A file
 * that cannot be read is as none, and `problem` says so.
 */
export class EngineRunsFile {
  readonly #file: string;
  #runs = new Map<EngineName, EngineRun>();

  private constructor(file: string) {
    this.#file = file;
  }

  static async open(file: string): Promise<{ runs: EngineRunsFile; problem: string | null }> {
    const runs = new EngineRunsFile(file);
    try {
      const { engines } = v.parse(FileSchema, JSON.parse(await readFile(file, 'utf8')));
      runs.#runs = new Map(Object.entries(engines) as [EngineName, EngineRun][]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { runs, problem: null };
      const problem = `${file} must say what engines run on and cannot be read: ${String(error)}; engines choose for themselves.`;
      return { runs, problem };
    }
    return { runs, problem: null };
  }

  of(engine: EngineName): EngineRun {
    return this.#runs.get(engine) ?? DEFAULT_RUN;
  }

  async set(engine: EngineName, run: EngineRun): Promise<void> {
    this.#runs.set(engine, run);
    const engines = Object.fromEntries(this.#runs);
    await writeFileAtomic(this.#file, `${JSON.stringify({ version: 1, engines }, null, 2)}\n`);
  }
}

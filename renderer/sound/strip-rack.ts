import type { StudioError } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import type { Strip } from '../../contract/project';
import type { MixBus } from './mix-bus';
import { planSource } from './source-plan';
import { StripChain } from './strip-chain';
import { createStripSource, type StripSource } from './strip-source';

type Row = { chain: StripChain; slot: number; sourceKey: string | null; source: StripSource | null };

export type StripRackOptions = {
  context: AudioContext;
  bus: MixBus;
  /** URL under which a medium's bytes are served, with ranges. */
  mediaUrl: (mediaId: string) => string;
  /** A strip has no sound (and why), or (null) has it again. */
  onCondition: (stripId: string, error: StudioError | null) => void;
};

/** The strips of the mixer: follows snapshots, telling strips apart by id and sources by their plan's key. */
export class StripRack {
  readonly #options: StripRackOptions;
  readonly #rows = new Map<string, Row>();

  constructor(options: StripRackOptions) {
    this.#options = options;
  }

  /** Adds, changes and removes strips; `anchorUs` is the programme time of sample 0, null while unknown. */
  apply(state: LiveState, anchorUs: number | null): void {
    const wanted = new Set(state.project.strips.map((strip) => strip.id));
    for (const stripId of [...this.#rows.keys()]) if (!wanted.has(stripId)) this.#remove(stripId);
    for (const strip of state.project.strips) this.#update(strip, state, anchorUs);
  }

  /** Lets the sources schedule ahead; to be called several times a second. */
  pump(): void {
    for (const row of this.#rows.values()) row.source?.pump();
  }

  /** Asks again for microphones that were refused. */
  retry(): void {
    for (const row of this.#rows.values()) row.source?.retry();
  }

  dispose(): void {
    for (const stripId of [...this.#rows.keys()]) this.#remove(stripId);
  }

  #update(strip: Strip, state: LiveState, anchorUs: number | null): void {
    const plan = planSource(strip, state, anchorUs);
    const row = this.#rows.get(strip.id) ?? this.#add(strip);
    row.chain.update(strip);
    if (row.sourceKey !== plan.key) {
      row.source?.dispose();
      this.#options.onCondition(strip.id, null);
      row.sourceKey = plan.key;
      row.source = createStripSource(plan, {
        context: this.#options.context,
        output: row.chain.input,
        mediaUrl: this.#options.mediaUrl,
        onCondition: (error) => this.#options.onCondition(strip.id, error),
      });
    }
    row.source?.follow(plan);
  }

  #add(strip: Strip): Row {
    const { context, bus } = this.#options;
    const chain = new StripChain(context, strip);
    const slot = bus.addMeter(strip.id);
    chain.connect(bus.input, bus.meter, slot);
    const row: Row = { chain, slot, sourceKey: null, source: null };
    this.#rows.set(strip.id, row);
    return row;
  }

  #remove(stripId: string): void {
    const row = this.#rows.get(stripId);
    if (!row) return;
    row.source?.dispose();
    row.chain.dispose();
    this.#options.bus.removeMeter(row.slot);
    this.#rows.delete(stripId);
    this.#options.onCondition(stripId, null);
  }
}

import type { StudioError } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import type { Strip } from '../../contract/project';
import type { BinauralStats } from '../../contract/stage';
import type { BinauralNode } from './binaural/binaural-node';
import { poseOf, usesNetwork } from './binaural/pose';
import { mixDelayFrames, nextDelayMoment, type DelayMoment } from './delay-plan';
import { captionedStream, refinedStream } from './engine-link/linked-streams';
import type { LinkClient } from './engine-link/link-client';
import type { MixBus } from './mix-bus';
import { SAMPLE_RATE } from './schedule';
import { planSource } from './source-plan';
import { StripChain, type ChainSetting } from './strip-chain';
import { createStripSource, type StripSource } from './strip-source';

type Row = {
  chain: StripChain;
  slot: number;
  sourceKey: string | null;
  source: StripSource | null;
  /** The binaural node whose port the link worker has. */
  linked: BinauralNode | null;
};
/** How old the mix is, and when that changes. */
type MixDelay = { frames: number; growth: number; moment: DelayMoment };

export type StripRackOptions = {
  context: AudioContext;
  bus: MixBus;
  /** The way to the engines. */
  links: LinkClient;
  /** URL under which a medium's bytes are served, with ranges. */
  mediaUrl: (mediaId: string) => string;
  /** A strip has no sound (and why), or (null) has it again. */
  onCondition: (stripId: string, error: StudioError | null) => void;
};

/** The strips of the mixer: follows snapshots, telling strips apart by id and sources by their plan's key. */
export class StripRack {
  readonly #options: StripRackOptions;
  readonly #rows = new Map<string, Row>();
  #delayFrames = 0;
  #tapOpen = false;

  constructor(options: StripRackOptions) {
    this.#options = options;
  }

  /** Adds, changes and removes strips; `anchorUs` is the programme time of sample 0, null while unknown. */
  apply(state: LiveState, anchorUs: number | null): void {
    const wanted = new Set(state.project.strips.map((strip) => strip.id));
    for (const stripId of [...this.#rows.keys()]) if (!wanted.has(stripId)) this.#remove(stripId);
    const delay = this.#delay(state);
    for (const strip of state.project.strips) this.#update(strip, state, anchorUs, delay);
    this.#tap(state);
  }

  /** How each placed strip was rendered in the last second. */
  placedStats(): BinauralStats[] {
    return [...this.#rows].flatMap(([stripId, { chain }]) => {
      if (!chain.placed) return [];
      const { networkShare, missed, delayFrames } = chain.placed.stats;
      return [{ stripId, networkShare, missed, delayMs: (delayFrames * 1000) / SAMPLE_RATE }];
    });
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

  /** As long as the network delays any strip, the whole mix is that old. */
  #delay(state: LiveState): MixDelay {
    const { context, bus } = this.#options;
    const frames = mixDelayFrames(state.project.strips.map((strip) => usesNetwork(strip, state)));
    const growth = frames - this.#delayFrames;
    const moment = nextDelayMoment(context.currentTime);
    if (growth !== 0) bus.setDelay(moment.frame, frames);
    this.#delayFrames = frames;
    return { frames, growth, moment };
  }

  /** What is captioned goes to the captions engine. */
  #tap(state: LiveState): void {
    const { bus, links } = this.#options;
    const captioned = captionedStream(state);
    const slot = captioned?.stripId == null ? 0 : (this.#rows.get(captioned.stripId)?.slot ?? null);
    if (captioned && !this.#tapOpen) {
      this.#tapOpen = true;
      links.setTap(bus.openTapPort());
    }
    bus.tap(captioned ? slot : null);
    links.setTapStream(captioned?.stream ?? null);
  }

  #link(strip: Strip, state: LiveState, row: Row): void {
    const { links } = this.#options;
    const node = row.chain.placed;
    if (node !== row.linked) {
      row.linked = node;
      if (node) links.addVoice(strip.id, node.openLink());
      else links.removeVoice(strip.id);
    }
    if (node) links.setVoiceStream(strip.id, refinedStream(strip, state));
  }

  #update(strip: Strip, state: LiveState, anchorUs: number | null, delay: MixDelay): void {
    const plan = planSource(strip, state, anchorUs);
    const setting: ChainSetting = {
      pose: poseOf(strip, state),
      networked: usesNetwork(strip, state),
      mixDelay: delay.frames,
      mixGrowth: delay.growth,
      moment: delay.moment,
    };
    const row = this.#rows.get(strip.id) ?? this.#add(strip, setting);
    row.chain.update(strip, setting);
    this.#link(strip, state, row);
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

  #add(strip: Strip, setting: ChainSetting): Row {
    const { context, bus } = this.#options;
    const chain = new StripChain(context, strip, setting);
    const slot = bus.addMeter(strip.id);
    chain.connect(bus.input, bus.meter, slot);
    const row: Row = { chain, slot, sourceKey: null, source: null, linked: null };
    this.#rows.set(strip.id, row);
    return row;
  }

  #remove(stripId: string): void {
    const row = this.#rows.get(stripId);
    if (!row) return;
    row.source?.dispose();
    row.chain.dispose();
    if (row.linked) this.#options.links.removeVoice(stripId);
    this.#options.bus.removeMeter(row.slot);
    this.#rows.delete(stripId);
    this.#options.onCondition(stripId, null);
  }
}

import type { CaptionUpdate, CaptionWord } from '../../contract/captions';
import { MIX_STREAM_ID, type CaptionsLive, type LiveState } from '../../contract/live';
import type { Studio } from '../studio/studio';

/** The newest words that the live state holds. */
const KEPT_WORDS = 40;
/** Latencies of the last words are told. */
const MEASURED_WORDS = 200;

/**
 * Decides which stream is captioned, and takes what is heard into the live state, with the time
 * from the end of each word to its first appearance.
 */
export class CaptionsDesk {
  private readonly studio: Studio;
  private readonly nowUs: () => number;
  private readonly stopListening: () => void;
  private words: CaptionWord[] = [];
  /** Index, since the epoch began, of the first word kept. */
  private first = 0;
  /** Words that were seen at least as a draft. */
  private seen = 0;
  private readonly latenciesMs: number[] = [];

  constructor(studio: Studio, nowUs: () => number) {
    this.studio = studio;
    this.nowUs = nowUs;
    this.stopListening = studio.onState((state, previous) => {
      const { project, strips, engines } = state;
      const starts = engines.captions.state === 'starting' && previous.engines.captions.state !== 'starting';
      // What was heard in another project is over, too.
      const begins = starts || state.projectFile !== previous.projectFile;
      if (begins || project.captions !== previous.project.captions || strips !== previous.strips) {
        this.follow(begins);
      }
    });
    this.follow();
  }

  /** Takes what was heard; false when it is of an older epoch or another stream. */
  heard(update: CaptionUpdate): boolean {
    const { captions } = this.studio.state;
    if (update.streamId !== captions.streamId || update.epoch !== captions.epoch) return false;
    if (update.from < this.first || update.from > this.first + this.words.length) return false;
    this.words = [...this.words.slice(0, update.from - this.first), ...update.words];
    this.measure(update);
    const surplus = this.words.length - KEPT_WORDS;
    if (surplus > 0) {
      this.words = this.words.slice(surplus);
      this.first += surplus;
    }
    this.studio.update({ captions: { ...captions, words: this.words, latencyMs: this.latency() } });
    return true;
  }

  stop(): void {
    this.stopListening();
  }

  private measure({ from, words }: CaptionUpdate): void {
    const nowUs = this.nowUs();
    for (let i = Math.max(0, this.seen - from); i < words.length; i++) {
      this.latenciesMs.push(Math.max(0, (nowUs - words[i]!.endUs) / 1000));
    }
    this.seen = Math.max(this.seen, from + words.length);
    this.latenciesMs.splice(0, this.latenciesMs.length - MEASURED_WORDS);
  }

  private latency(): CaptionsLive['latencyMs'] {
    if (this.latenciesMs.length === 0) return null;
    const sorted = this.latenciesMs.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return { p50: at(0.5), p95: at(0.95), n: sorted.length };
  }

  /**
   * Another stream, captions off and on, or an engine that starts (it counts words from 0) begin a
   * new epoch: what was heard is over.
   */
  private follow(engineBegins = false): void {
    const { state } = this.studio;
    const streamId = captionedStream(state);
    if (streamId === state.captions.streamId && !(engineBegins && streamId !== null)) return;
    this.words = [];
    this.first = 0;
    this.seen = 0;
    this.latenciesMs.length = 0;
    const captions: CaptionsLive = {
      streamId,
      epoch: state.captions.epoch + 1,
      controlVersion: state.version + 1,
      words: [],
      latencyMs: null,
    };
    this.studio.update({ captions });
  }
}

function captionedStream(state: LiveState): number | null {
  const { enabled, stripId } = state.project.captions;
  if (!enabled) return null;
  if (stripId === null) return MIX_STREAM_ID;
  return state.strips[stripId]?.streamId ?? null;
}

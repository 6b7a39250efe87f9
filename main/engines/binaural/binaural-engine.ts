import type { EngineControl, EngineSocketText, SettingsOf } from '../../../contract/engine';
import { toStudioError, type StudioError } from '../../../contract/errors';
import type { Frame, FrameHeader } from '../../../contract/frame';
import type { EngineReport, EngineVoice } from '../runtime/engine';
import type { EngineLoop } from '../runtime/engine-shell';
import type { Peer } from '../runtime/stage-socket';
import type { StageTimes } from '../runtime/timing';
import { ChunkQueue, type Waiting } from './chunk-queue';
import { FlowStream, type PlacedBlocks } from './flow-stream';
import { readPlaced, writeRefined } from './placed-frame';
import type { SolverPlan } from './solver';
import { TRANSFORM_DELAY_BLOCKS } from './stft';
import type { VelocityNetwork } from './velocity-graph';

/** How long after its arrival a piece without a deadline may still be worked on, ms. */
export const USUAL_BUDGET_MS = 60;
const LONGEST_BUDGET_MS = 1000;
/** The most that a piece is expected to take: after a slow time the engine must dare to begin again. */
const LONGEST_GUESS_MS = 30;
/** Weight of the newest piece in the usual length of the work. */
const FRESHNESS = 0.1;

/** A stream at work: where its flow began, and with whose sound. */
type Voice = { flow: FlowStream; peer: Peer; epoch: number; firstBlock: number };
type Stream = { control: EngineControl; settings: SettingsOf<'binaural'>; voice: Voice | null };
type Job = Waiting & { header: FrameHeader; placed: PlacedBlocks; peer: Peer; arrivedMs: number };

/**
 * The live loop of the binaural engine [B14]–[B16]: placed voices in, refined stereo out, the
 * nearest deadline first. A voice whose pieces do not follow one another, or whose piece failed,
 * begins anew with empty caches.
 */
export class BinauralEngine implements EngineLoop {
  readonly #network: VelocityNetwork;
  readonly #plan: SolverPlan;
  readonly #times: StageTimes;
  readonly #voice: Pick<EngineVoice, 'trouble'>;
  readonly #queue = new ChunkQueue<Job>();
  readonly #streams = new Map<number, Stream>();
  #processed = 0;
  /** What a piece usually takes, ms: one that would be done too late is not begun. */
  #usualMs = 0;
  #stopping = false;
  #wake: (() => void) | null = null;
  readonly #ended: Promise<void>;

  constructor(
    network: VelocityNetwork,
    plan: SolverPlan,
    times: StageTimes,
    voice: Pick<EngineVoice, 'trouble'>,
  ) {
    this.#network = network;
    this.#plan = plan;
    this.#times = times;
    this.#voice = voice;
    this.#ended = this.#loop();
  }

  /** Takes settings unless older than those in force; a new epoch empties the stream's caches. */
  control(control: EngineControl): readonly string[] {
    const { streamId, version, epoch, settings } = control;
    if (settings.kind !== 'binaural') throw new Error(`The binaural engine got ${settings.kind} settings.`);
    const known = this.#streams.get(streamId);
    if (known && known.control.version > version) return [];
    this.#streams.set(streamId, { control, settings, voice: known?.voice ?? null });
    this.#queue.setEpoch(streamId, epoch);
    this.#wake?.();
    return [];
  }

  forget(streamId: number): void {
    this.#streams.delete(streamId);
    this.#queue.forget(streamId);
  }

  /** A piece of a placed voice. Its done time, if any, is when its first sample must be back. */
  frame(frame: Frame, peer: Peer): void {
    const { header } = frame;
    const arrivedMs = this.#times.now();
    try {
      const { streamId, epoch } = header;
      const deadlineMs = arrivedMs + budgetMsOf(header);
      this.#queue.push({ streamId, epoch, deadlineMs, arrivedMs, header, peer, placed: readPlaced(frame) });
    } catch (error) {
      report(peer, header.streamId, toStudioError(error, 'engine', 'engine.failed'));
      return;
    }
    this.#wake?.();
  }

  leave(peer: Peer): void {
    this.#queue.dropWhere((job) => job.peer === peer);
    for (const stream of this.#streams.values()) if (stream.voice?.peer === peer) stream.voice = null;
  }

  report(): EngineReport {
    return { processed: this.#processed, dropped: this.#queue.dropped, stagesMs: this.#times.means() };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#ended;
    await this.#network.release();
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      const job = this.#queue.take(this.#times.now() + this.#usualMs);
      if (job) {
        await this.#serve(job);
        // An inference blocks the event loop: let the sockets bring what came in meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
      }
    }
  }

  async #serve(job: Job): Promise<void> {
    const stream = this.#streams.get(job.streamId);
    // The queue gives out only pieces whose epoch a control has set.
    if (!stream) return;
    const times = this.#times;
    const startMs = times.now();
    times.add('wait', startMs - job.arrivedMs);
    const voice = this.#voiceOf(stream, job);
    const { seed } = stream.settings;
    let samples: Float32Array;
    try {
      samples = await voice.flow.push(job.placed, seed);
    } catch (error) {
      const now = this.#streams.get(job.streamId);
      if (now?.voice === voice) now.voice = null;
      const failure = toStudioError(error, 'engine', 'engine.failed');
      report(job.peer, job.streamId, failure);
      this.#voice.trouble(failure);
      return;
    }
    const endMs = times.since('total', startMs);
    this.#processed++;
    const tookMs = Math.min(endMs - startMs, LONGEST_GUESS_MS);
    this.#usualMs += FRESHNESS * (tookMs - this.#usualMs);
    const now = this.#streams.get(job.streamId);
    if (now?.control.epoch !== job.epoch || now.voice !== voice) {
      this.#queue.countDropped();
      return;
    }
    const before = Math.max(0, voice.firstBlock + TRANSFORM_DELAY_BLOCKS - job.header.sequence);
    const message = writeRefined(job.header, samples, Math.min(before, job.placed.blocks), {
      appliedVersion: stream.control.version,
      seed,
      doneUs: job.header.captureUs + Math.round((endMs - job.arrivedMs) * 1000),
    });
    if (message && !job.peer.sendFrame(message)) this.#queue.countDropped();
  }

  /** The stream's flow, begun anew when this piece does not follow the last one. */
  #voiceOf(stream: Stream, { header, peer, epoch }: Job): Voice {
    const known = stream.voice;
    if (known?.peer === peer && known.epoch === epoch && known.flow.nextBlock === header.sequence)
      return known;
    const flow = known?.flow ?? new FlowStream(this.#network, this.#plan, this.#times);
    flow.restart(header.sequence);
    stream.voice = { flow, peer, epoch, firstBlock: header.sequence };
    return stream.voice;
  }
}

function report(peer: Peer, streamId: number, error: StudioError): void {
  const text: EngineSocketText = { type: 'failed', streamId, error: error.toShape() };
  peer.sendText(text);
}

/** A piece arrives when its last sample was heard: what is left until its first must be back. */
function budgetMsOf({ captureUs, durationUs, doneUs }: FrameHeader): number {
  if (doneUs <= captureUs) return USUAL_BUDGET_MS;
  const budgetMs = (doneUs - captureUs - durationUs) / 1000;
  return Math.min(Math.max(budgetMs, 0), LONGEST_BUDGET_MS);
}

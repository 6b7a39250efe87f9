import type { EngineControl, EngineSocketText } from '../../../contract/engine';
import { StudioError, toStudioError } from '../../../contract/errors';
import { FrameFormat, FrameKind, type Frame } from '../../../contract/frame';
import type { EngineReport, EngineVoice } from '../runtime/engine';
import type { EngineLoop } from '../runtime/engine-shell';
import type { Peer } from '../runtime/stage-socket';
import type { StageTimes } from '../runtime/timing';
import type { ChunkNetwork } from './captions-model';
import { downmix } from './downmix';
import { Recogniser, type Heard } from './recogniser';

/** A stream without sound for so long has stopped [C11]. */
export const SOUND_STOPS_MS = 500;
const CHECK_PERIOD_MS = 100;
const MAX_STREAMS = 64;
const MAX_CHANNELS = 2;

/** The network, and how it is freed. */
export type CaptionsNetwork = ChunkNetwork & { release(): Promise<void> };

type Stream = {
  recogniser: Recogniser;
  /** Null until main asked for this stream: its sound is kept, but not recognised. */
  control: EngineControl | null;
  /** Who sent its sound. */
  peer: Peer | null;
  soundMs: number;
  /** Forgotten by main: it goes once its last words are out. */
  leaving: boolean;
};

/**
 * The live loop of the captions engine [C10] [C11]: sound of any number of streams comes in at
 * any time; the network hears one chunk of one stream after the other, in turns; every change
 * of a stream's words goes to main.
 */
export class CaptionsEngine implements EngineLoop {
  readonly #network: CaptionsNetwork;
  readonly #times: StageTimes;
  readonly #voice: EngineVoice;
  readonly #streams = new Map<number, Stream>();
  readonly #clock: NodeJS.Timeout;
  #processed = 0;
  #dropped = 0;
  #stopping = false;
  #wake: (() => void) | null = null;
  readonly #ended: Promise<void>;

  constructor(network: CaptionsNetwork, times: StageTimes, voice: EngineVoice) {
    this.#network = network;
    this.#times = times;
    this.#voice = voice;
    this.#clock = setInterval(() => this.#restQuietStreams(), CHECK_PERIOD_MS);
    this.#ended = this.#loop();
  }

  /** A stream is wanted; a new epoch begins it anew. Captions take no words, so none is unheard. */
  control(control: EngineControl): readonly string[] {
    const { streamId, version, epoch, settings } = control;
    if (settings.kind !== 'captions') throw new Error(`The captions engine got ${settings.kind} settings.`);
    const known = this.#streams.get(streamId);
    if (known?.control && known.control.version > version) return [];
    const goesOn = known !== undefined && !known.leaving && (known.control?.epoch ?? epoch) === epoch;
    const stream = goesOn ? known : this.#newStream();
    stream.control = control;
    this.#streams.set(streamId, stream);
    this.#wake?.();
    return [];
  }

  forget(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (!stream) return;
    stream.leaving = true;
    stream.recogniser.rest();
    this.#wake?.();
  }

  /** Sound of a stream. */
  frame({ header, payload }: Frame, peer: Peer): void {
    const { streamId, kind, format, width, captureUs } = header;
    if (kind !== FrameKind.pcm || format !== FrameFormat.f32 || width > MAX_CHANNELS) {
      const message = `Sound for captions must be PCM of 1 or 2 float channels, got kind ${kind}, format ${format}, ${width} channels.`;
      report(peer, streamId, new StudioError('engine', 'message.invalid', message));
      return;
    }
    let stream = this.#streams.get(streamId);
    if (stream?.leaving) return;
    if (!stream) {
      if (this.#streams.size >= MAX_STREAMS) {
        this.#dropped++;
        return;
      }
      this.#streams.set(streamId, (stream = this.#newStream()));
    }
    stream.peer = peer;
    stream.soundMs = this.#times.now();
    const { recogniser } = stream;
    const skipped = recogniser.skipped;
    recogniser.push(captureUs, downmix(payload, width));
    this.#dropped += recogniser.skipped - skipped;
    if (recogniser.ready) this.#wake?.();
  }

  /** A sender is gone; its streams come to rest by themselves. */
  leave(peer: Peer): void {
    for (const stream of this.#streams.values()) if (stream.peer === peer) stream.peer = null;
  }

  /** `processed` counts chunks, `dropped` the feature frames (10 ms) that were skipped to keep up. */
  report(): EngineReport {
    const stagesMs = this.#times.means();
    const waiting = Math.max(0, ...[...this.#streams.values()].map((s) => s.recogniser.waitingSeconds));
    return {
      processed: this.#processed,
      dropped: this.#dropped,
      stagesMs: { ...stagesMs, behind: Math.round(waiting * 1000) },
    };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#clock);
    this.#wake?.();
    await this.#ended;
    await this.#network.release();
  }

  #newStream(): Stream {
    const recogniser = new Recogniser(this.#network, this.#times);
    return { recogniser, control: null, peer: null, soundMs: this.#times.now(), leaving: false };
  }

  #restQuietStreams(): void {
    const nowMs = this.#times.now();
    for (const [streamId, stream] of this.#streams) {
      if (nowMs - stream.soundMs < SOUND_STOPS_MS) continue;
      // Sound that nobody asked for has ended: nobody will.
      if (stream.control === null) this.#streams.delete(streamId);
      else stream.recogniser.rest();
    }
    this.#wake?.();
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      let worked = false;
      for (const [streamId, stream] of [...this.#streams]) {
        if (this.#stopping) break;
        if (this.#streams.get(streamId) !== stream) continue;
        if (await this.#serve(streamId, stream)) worked = true;
      }
      if (worked || this.#stopping) continue;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }

  /** One chunk of one stream; false when it has none. */
  async #serve(streamId: number, stream: Stream): Promise<boolean> {
    const { recogniser, control } = stream;
    if (control !== null && recogniser.ready) {
      try {
        this.#say(streamId, stream, await recogniser.step());
        this.#processed++;
      } catch (error) {
        const failure = toStudioError(error, 'engine', 'engine.failed');
        if (stream.peer) report(stream.peer, streamId, failure);
        this.#voice.trouble(failure);
      }
      // An inference blocks the event loop: let the sockets bring what came in meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    }
    if (recogniser.resting && control !== null) this.#say(streamId, stream, recogniser.close());
    if (stream.leaving) this.#streams.delete(streamId);
    return false;
  }

  #say(streamId: number, { control, leaving }: Stream, heard: Heard | null): void {
    if (heard === null || control === null) return;
    // Between two awaits the stream may have begun anew: what was heard belongs to nobody.
    if (!leaving && this.#streams.get(streamId)?.control?.epoch !== control.epoch) return;
    this.#voice.caption({ streamId, epoch: control.epoch, ...heard });
  }
}

function report(peer: Peer, streamId: number, error: StudioError): void {
  const text: EngineSocketText = { type: 'failed', streamId, error: error.toShape() };
  peer.sendText(text);
}

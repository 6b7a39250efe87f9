import { FrameFormat, FrameKind, writeFrameHeader, type Frame } from '../../../contract/frame';
import { FRAME_HEADER_BYTES } from '../../../contract/frame';
import { EngineLink } from '../../engine-link/engine-link';
import {
  CHUNK_BLOCKS,
  NETWORK_DELAY_FRAMES,
  type BinauralToLink,
  type LinkToBinaural,
} from '../binaural/binaural-messages';
import { SAMPLE_RATE } from '../schedule';
import type { LinkedStream } from './link-messages';

const BLOCK_FRAMES = 128;
/** Samples that an answer lags behind its question. */
const TRANSFORM_DELAY_FRAMES = 384;
/** What the way back and the worklet's turn may take, µs. */
const WAY_BACK_US = 8000;
/** With more unsent than about four pieces the socket is not read: pieces are left out. */
const MAX_UNSENT_BYTES = 80_000;

/** Microseconds that samples last. */
export function framesUs(frames: number): number {
  return (frames * 1e6) / SAMPLE_RATE;
}

/** What a voice's link needs of a worklet's port. */
export type VoicePort = Pick<MessagePort, 'postMessage' | 'close' | 'onmessage'>;

/**
 * One placed strip's way to the binaural engine and back. A run begins whenever the socket opens
 * or the stream is cut; answers of an earlier one are void.
 */
export class VoiceLink {
  readonly #port: VoicePort;
  readonly #anchorUs: () => number | null;
  readonly #link: EngineLink;
  #stream: LinkedStream | null = null;
  #run = 0;
  #running = false;

  /** @param anchorUs programme time of sample 0; null while unknown. */
  constructor(token: string, port: VoicePort, anchorUs: () => number | null) {
    this.#port = port;
    this.#anchorUs = anchorUs;
    port.onmessage = (event: MessageEvent<BinauralToLink>) => this.#placed(event.data);
    this.#link = new EngineLink(token, {
      frame: (frame) => this.#refined(frame),
      // A piece that failed is missing: the worklet plays its own render, the studio tells why.
      text: () => undefined,
      opened: () => this.#begin(),
      closed: () => this.#rest(),
    });
  }

  /** Takes the stream as it is now; a cut begins a new run. */
  follow(stream: LinkedStream | null): void {
    const before = this.#stream;
    this.#stream = stream;
    this.#link.setUrl(stream?.url ?? null);
    const cut = before?.epoch !== stream?.epoch || before?.streamId !== stream?.streamId;
    if (cut && stream && this.#link.connected) this.#begin();
  }

  dispose(): void {
    this.#link.dispose();
    this.#port.close();
  }

  #begin(): void {
    this.#run += 1;
    this.#running = true;
    this.#tell({ type: 'run', run: this.#run });
  }

  #rest(): void {
    this.#running = false;
    this.#tell({ type: 'rest' });
  }

  #placed({ run, block, frame, message }: BinauralToLink): void {
    const anchorUs = this.#anchorUs();
    const stream = this.#stream;
    const wanted = this.#running && run === this.#run && this.#link.unsentBytes < MAX_UNSENT_BYTES;
    if (wanted && stream && anchorUs !== null) {
      const captureUs = Math.max(0, anchorUs + framesUs(frame));
      const header = {
        kind: FrameKind.pcm,
        format: FrameFormat.placed,
        width: 2,
        height: 0,
        streamId: stream.streamId,
        sequence: block,
        epoch: stream.epoch,
        appliedVersion: stream.controlVersion,
        seed: 0,
        captureUs,
        // When the first sample of the answer is played: what is later is of no use.
        doneUs: captureUs + framesUs(NETWORK_DELAY_FRAMES - TRANSFORM_DELAY_FRAMES) - WAY_BACK_US,
        flags: 0,
        durationUs: framesUs(CHUNK_BLOCKS * BLOCK_FRAMES),
      };
      writeFrameHeader(message, header, message.byteLength - FRAME_HEADER_BYTES);
      this.#link.send(message);
    }
    this.#tell({ type: 'recycle', message }, [message]);
  }

  #refined({ header, payload }: Frame): void {
    const stream = this.#stream;
    if (!this.#running || header.format !== FrameFormat.f32 || header.width !== 2) return;
    if (header.streamId !== stream?.streamId || header.epoch !== stream.epoch) return;
    const samples = new Float32Array(payload.buffer, payload.byteOffset, payload.length / 4);
    this.#tell({ type: 'refined', run: this.#run, block: header.sequence, samples }, [payload.buffer]);
  }

  #tell(message: LinkToBinaural, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

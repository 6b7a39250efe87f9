import { encodeFrame, FrameFormat, FrameKind } from '../../../contract/frame';
import { EngineLink } from '../../engine-link/engine-link';
import type { LinkedStream, LinkToTap, TapToLink } from './link-messages';
import { framesUs, type VoicePort } from './voice-link';

/** With more than about two seconds unsent, sound is left out: the engine hears a hole, not the past. */
const MAX_UNSENT_BYTES = 400_000;

/** The way of tapped sound to the captions engine, with the programme time at which it is heard. */
export class TapLink {
  readonly #port: VoicePort;
  readonly #anchorUs: () => number | null;
  readonly #link: EngineLink;
  #stream: LinkedStream | null = null;
  #sequence = 0;

  /** @param anchorUs programme time of sample 0; null while unknown. */
  constructor(token: string, port: VoicePort, anchorUs: () => number | null) {
    this.#port = port;
    this.#anchorUs = anchorUs;
    port.onmessage = (event: MessageEvent<TapToLink>) => this.#tapped(event.data);
    this.#link = new EngineLink(token, {
      frame: () => undefined,
      // The engine tells main what it heard, and what fails.
      text: () => undefined,
      closed: () => undefined,
    });
  }

  /** Takes the stream as it is now. */
  follow(stream: LinkedStream | null): void {
    if (stream?.epoch !== this.#stream?.epoch) this.#sequence = 0;
    this.#stream = stream;
    this.#link.setUrl(stream?.url ?? null);
  }

  dispose(): void {
    this.#link.dispose();
    this.#port.close();
  }

  #tapped({ frame, samples }: TapToLink): void {
    const anchorUs = this.#anchorUs();
    const stream = this.#stream;
    if (stream && anchorUs !== null && this.#link.connected && this.#link.unsentBytes < MAX_UNSENT_BYTES) {
      const captureUs = anchorUs + framesUs(frame);
      const header = {
        kind: FrameKind.pcm,
        format: FrameFormat.f32,
        width: 1,
        height: 0,
        streamId: stream.streamId,
        sequence: this.#sequence >>> 0,
        epoch: stream.epoch,
        appliedVersion: stream.controlVersion,
        seed: 0,
        captureUs: Math.max(0, captureUs),
        doneUs: 0,
        flags: 0,
        durationUs: framesUs(samples.length),
      };
      const payload = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      if (this.#link.send(encodeFrame(header, payload))) this.#sequence += 1;
    }
    const recycle: LinkToTap = { type: 'recycle', samples };
    this.#port.postMessage(recycle, [samples.buffer]);
  }
}

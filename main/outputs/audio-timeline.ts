import { CHANNELS, framesToUs, trimAudioStart, usToFrames, type AudioPacket } from './packets';

/** A deviation below this is rounding of timestamps, not a gap. */
const JITTER_US = 2_000;
/** A hole longer than this is left open: the machine slept, nobody wants hours of silence. */
const LONGEST_FILL_US = 30_000_000;
/** Silence is made in pieces of 20 ms, like the sound it stands for. */
const SILENCE_FRAMES = 960;

/**
 * Makes programme sound gapless: holes become silence, what overlaps is trimmed, and the
 * position is counted in samples, so that rounding never adds up. An encoder behind it may
 * count samples and stays in step with the picture.
 */
export class AudioTimeline {
  #anchorUs: number | null = null;
  #frames = 0;
  readonly counters = { silenceFrames: 0, trimmedFrames: 0, gaps: 0, openHoles: 0 };

  /** Where the next sample belongs; null before the first. */
  get endUs(): number | null {
    return this.#anchorUs === null ? null : this.#anchorUs + framesToUs(this.#frames);
  }

  /** Forgets the position: the next packet, or `fill`, begins anew. */
  reset(): void {
    this.#anchorUs = null;
    this.#frames = 0;
  }

  /** Takes real sound; answers with what is to be sent, silence before it included. */
  push(packet: AudioPacket): AudioPacket[] {
    const endUs = this.endUs;
    if (endUs === null) {
      this.#anchorUs = packet.timestampUs;
      return [this.#place(packet)];
    }
    const deviationUs = packet.timestampUs - endUs;
    if (deviationUs > JITTER_US) {
      const silence = this.fill(endUs, packet.timestampUs);
      return [...silence, this.#place(packet)];
    }
    if (deviationUs >= -JITTER_US) return [this.#place(packet)];
    const rest = trimAudioStart(packet, endUs);
    this.counters.trimmedFrames += packet.frames - (rest?.frames ?? 0);
    return rest === null ? [] : [this.#place(rest)];
  }

  /** Silence up to `untilUs`, beginning at `startUs` when there was no sound yet. */
  fill(startUs: number, untilUs: number): AudioPacket[] {
    this.#anchorUs ??= startUs;
    const fromUs = this.endUs ?? startUs;
    const missingUs = untilUs - fromUs;
    if (missingUs <= 0) return [];
    if (missingUs > LONGEST_FILL_US) {
      this.counters.openHoles += 1;
      this.#anchorUs = untilUs;
      this.#frames = 0;
      return [];
    }
    let missing = usToFrames(missingUs);
    this.counters.gaps += 1;
    this.counters.silenceFrames += missing;
    const silence: AudioPacket[] = [];
    while (missing > 0) {
      const frames = Math.min(missing, SILENCE_FRAMES);
      silence.push(this.#place({ samples: new Float32Array(frames * CHANNELS), timestampUs: 0, frames }));
      missing -= frames;
    }
    return silence;
  }

  #place(packet: AudioPacket): AudioPacket {
    const timestampUs = this.endUs ?? packet.timestampUs;
    this.#frames += packet.frames;
    return { ...packet, timestampUs };
  }
}

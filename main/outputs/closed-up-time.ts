import {
  CHANNELS,
  audioEndUs,
  framesToUs,
  trimAudioStart,
  usToFrames,
  type AudioPacket,
  type VideoPacket,
} from './packets';

/**
 * Programme time to file time: a recording begins at 0, and a pause leaves no hole. After a
 * pause both tracks go on where the longer one ended, so that sound and picture stay together.
 */
export class ClosedUpTime {
  #offsetUs = 0;
  #startUs = 0;
  #videoEndUs = 0;
  #audioEndUs = 0;

  /** File time up to which there is picture or sound. */
  get endUs(): number {
    return Math.max(this.#videoEndUs, this.#audioEndUs);
  }

  /** A run of packets begins at programme time `startUs`; answers with the sound that joins it to the last run. */
  begin(startUs: number): { packet: AudioPacket; timestampUs: number } | null {
    const joinUs = this.endUs;
    this.#startUs = startUs;
    this.#offsetUs = startUs - joinUs;
    const frames = usToFrames(joinUs - this.#audioEndUs);
    if (frames <= 0) return null;
    const timestampUs = this.#audioEndUs;
    this.#audioEndUs += framesToUs(frames);
    return { packet: { samples: new Float32Array(frames * CHANNELS), timestampUs, frames }, timestampUs };
  }

  /** File time of a video packet. */
  video(packet: VideoPacket): number {
    const timestampUs = packet.timestampUs - this.#offsetUs;
    this.#videoEndUs = Math.max(this.#videoEndUs, timestampUs + packet.durationUs);
    return timestampUs;
  }

  /** The part of an audio packet that belongs to this run, with its file time; null when none does. */
  audio(packet: AudioPacket): { packet: AudioPacket; timestampUs: number } | null {
    const rest = trimAudioStart(packet, this.#startUs);
    if (rest === null) return null;
    this.#audioEndUs = Math.max(this.#audioEndUs, audioEndUs(rest) - this.#offsetUs);
    return { packet: rest, timestampUs: Math.max(0, rest.timestampUs - this.#offsetUs) };
  }
}

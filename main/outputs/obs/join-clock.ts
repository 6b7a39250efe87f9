import { audioEndUs, trimAudioStart, type AudioPacket } from '../packets';
import type { PacketClock } from '../live-session';

/** Sound sent before the line is up, in microseconds: enough for a first AAC packet at the other end. */
const FIRST_SOUND_US = 100_000;
/** Share of the lateness that is remembered from picture to picture: half of it is gone in some 2 s. */
const FORGET = 0.99;
/** Pictures that waited for the line follow one another so closely, in microseconds. */
const SQUEEZED_US = 1_000;

/**
 * Times for a player that starts its clock at the first picture it gets and never catches up, as OBS's
 * media source does. What waited while the sender started would stay its delay for good: so pictures of
 * that time are squeezed together, their sound is left out, and when the line is up times go on with
 * the programme's clock, a fixed time ahead.
 */
export class JoinClock implements PacketClock {
  readonly #nowUs: () => number;
  readonly #leadUs: number;
  /** Programme time that is 0 in the stream; null until the line is up. */
  #originUs: number | null = null;
  #soundStartUs: number | null = null;
  #videoUs = -SQUEEZED_US;
  #latenessUs = 0;
  #audioEndUs = 0;

  /** @param leadUs From the moment a picture is taken to the moment the player is to show it. */
  constructor(nowUs: () => number, leadUs: number) {
    this.#nowUs = nowUs;
    this.#leadUs = leadUs;
  }

  /** How late pictures come to be sent, in microseconds: the latest of them, slowly forgotten. */
  get latenessUs(): number {
    return this.#latenessUs;
  }

  connected(): void {
    this.#originUs ??= this.#nowUs() - this.#leadUs;
  }

  /** Moves what follows nearer to now: pictures are squeezed for a moment, as much sound is left out. */
  hasten(us: number): void {
    if (this.#originUs !== null) this.#originUs += us;
  }

  /** Stream time of a picture of this programme time, rising. */
  video(timestampUs: number): number {
    this.#latenessUs = Math.max(this.#latenessUs * FORGET, this.#nowUs() - timestampUs);
    const wantedUs = this.#originUs === null ? 0 : timestampUs - this.#originUs;
    this.#videoUs = Math.max(this.#videoUs + SQUEEZED_US, wantedUs);
    return this.#videoUs;
  }

  /** The part of the sound that is sent, and its stream time; null for none. */
  audio(packet: AudioPacket): { packet: AudioPacket; atUs: number } | null {
    this.#soundStartUs ??= packet.timestampUs;
    const originUs = this.#originUs ?? this.#soundStartUs;
    if (this.#originUs === null && packet.timestampUs - originUs >= FIRST_SOUND_US) return null;
    const rest = trimAudioStart(packet, originUs + this.#audioEndUs);
    if (rest === null) return null;
    this.#audioEndUs = audioEndUs(rest) - originUs;
    return { packet: rest, atUs: rest.timestampUs - originUs };
  }
}

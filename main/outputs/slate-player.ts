import { StudioError } from '../../contract/errors';
import type { VideoConfig, VideoPacket } from './packets';

/** How often the last key frame is repeated where no slate was made yet. */
const HOLD_INTERVAL_US = 500_000;

/** Encoded packets that can stand for the programme, with the way to decode them. */
export type Slate = { config: VideoConfig; packets: readonly VideoPacket[]; intervalUs: number };

/**
 * Makes a slate of one encoded GOP: it is played at the programme's rate, over and over.
 * @throws StudioError `argument.invalid` when the packets are not one closed GOP in display order.
 */
export function makeSlate(config: VideoConfig, packets: readonly VideoPacket[]): Slate {
  const first = packets[0];
  if (first === undefined || !first.key) {
    throw new StudioError('output', 'argument.invalid', 'A slate must begin with a key frame.');
  }
  for (let index = 1; index < packets.length; index += 1) {
    const stepUs = packets[index]!.timestampUs - packets[index - 1]!.timestampUs;
    if (!(stepUs > 0)) {
      throw new StudioError(
        'output',
        'argument.invalid',
        `Slate timestamps must rise, got a step of ${stepUs} µs at packet ${index}.`,
      );
    }
  }
  return { config, packets, intervalUs: 1e6 / config.fps };
}

/** A stand-in made of one key frame, for the time before there is a slate; 2 frames a second. */
export function makeHeldFrame(config: VideoConfig, key: VideoPacket): Slate {
  return { config, packets: [key], intervalUs: HOLD_INTERVAL_US };
}

/** One run of a slate on the programme's time line; begins at the slate's key frame. */
export class SlateRun {
  readonly slate: Slate;
  #baseUs: number;
  #played = 0;
  #inGop = 0;

  constructor(slate: Slate, startUs: number) {
    this.slate = slate;
    this.#baseUs = startUs;
  }

  /** Programme time of the next packet. */
  get nextUs(): number {
    return Math.round(this.#baseUs + this.#played * this.slate.intervalUs);
  }

  /** The next packet is the slate's key frame: somebody wants to join. */
  restartGop(): void {
    this.#inGop = 0;
  }

  /** The packets that are due up to and with `untilUs`. */
  *until(untilUs: number): Generator<VideoPacket> {
    while (this.nextUs <= untilUs) {
      const packet = this.slate.packets[this.#inGop]!;
      const timestampUs = this.nextUs;
      this.#played += 1;
      this.#inGop = (this.#inGop + 1) % this.slate.packets.length;
      yield { ...packet, timestampUs, durationUs: Math.round(this.slate.intervalUs) };
    }
  }

  /** Goes on at `startUs`, without playing what lies before. */
  skipTo(startUs: number): void {
    this.#baseUs = startUs;
    this.#played = 0;
    this.#inGop = 0;
  }
}

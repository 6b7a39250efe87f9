import { BUS_TICK_MS, type ProgrammeBus } from '../programme-bus';
import { framesToUs, usToFrames } from '../packets';
import { tone, type Fixture } from './fixture';

/**
 * Stands in for a renderer: gives the fixture's packets and a tone to a bus in real time, over
 * and over, obeys key frame requests, and ticks the bus.
 */
export class PacedFeed {
  readonly #bus: ProgrammeBus;
  #fixture: Fixture;
  readonly #nowUs: () => number;
  readonly #timers: NodeJS.Timeout[] = [];
  #frame = 0;
  #inFixture = 0;
  #originUs: number;
  #audioFrames = 0;
  #keyWanted = false;
  /** Stops packets while true; the bus is still ticked. */
  dead = false;

  constructor(bus: ProgrammeBus, fixture: Fixture, nowUs: () => number) {
    this.#bus = bus;
    this.#fixture = fixture;
    this.#nowUs = nowUs;
    this.#originUs = nowUs();
    bus.setVideoConfig(fixture.config);
    this.#timers.push(
      setInterval(() => this.#feed(), 10),
      setInterval(() => bus.tick(), BUS_TICK_MS),
    );
  }

  /** Jumps to the fixture's next key frame. */
  keyFrame(): void {
    this.#keyWanted = true;
  }

  /** Goes on with other pictures, as an encoder does that was configured anew. */
  use(fixture: Fixture): void {
    this.#fixture = fixture;
    this.#inFixture = 0;
    this.#bus.setVideoConfig(fixture.config);
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #feed(): void {
    const elapsedUs = this.#nowUs() - this.#originUs;
    const dueFrames = Math.floor((elapsedUs * 30) / 1e6);
    for (; this.#frame < dueFrames; this.#frame += 1) if (!this.dead) this.#giveFrame();
    const dueAudio = usToFrames(elapsedUs);
    for (; this.#audioFrames + 480 <= dueAudio; this.#audioFrames += 480) {
      if (!this.dead) this.#bus.pushAudio(tone(this.#originUs + framesToUs(this.#audioFrames)));
    }
  }

  #giveFrame(): void {
    const { packets } = this.#fixture;
    if (this.#keyWanted) {
      this.#keyWanted = false;
      const next = packets.findIndex((packet, index) => index >= this.#inFixture && packet.key);
      this.#inFixture = next === -1 ? 0 : next;
    }
    const packet = packets[this.#inFixture]!;
    this.#inFixture = (this.#inFixture + 1) % packets.length;
    const timestampUs = Math.round(this.#originUs + (this.#frame * 1e6) / 30);
    this.#bus.pushVideo({ ...packet, timestampUs, durationUs: 33_333 });
  }
}

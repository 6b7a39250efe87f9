import { StudioError } from '../../contract/errors';
import type { Programme } from '../../contract/project';
import { ProgrammeEncoder, type EncoderDescription } from './encoder';
import type { StageLink } from './link';
import { encodeSlate, type SlatePacket } from './slate';

/** Pause between two frames of the slate, so that live pictures go first. */
const SLATE_PAUSE_MS = 15;

/** The programme's way out: encodes while on air and puts the packets, and the slate, on the link. */
export class StageOutput {
  readonly #link: StageLink;
  readonly #failed: (error: StudioError) => void;
  readonly #encoder: ProgrammeEncoder;
  #onAir = false;
  #description: EncoderDescription | null = null;
  /** The slate of the present description; null until it is encoded. */
  #slate: { of: EncoderDescription; packets: Promise<SlatePacket[] | null> } | null = null;
  #congested = 0;
  #disposed = false;

  constructor(link: StageLink, failed: (error: StudioError) => void) {
    this.#link = link;
    this.#failed = failed;
    this.#encoder = new ProgrammeEncoder({
      described: (description) => this.#described(description),
      packet: (message) => link.sendMessage(message),
      failed,
    });
  }

  get encoder(): ProgrammeEncoder {
    return this.#encoder;
  }

  get onAir(): boolean {
    return this.#onAir;
  }

  /** Frames that were not encoded because encoder or socket was full. */
  get skipped(): number {
    return this.#encoder.skipped + this.#congested;
  }

  /** Main wants packets, or no longer. */
  setOnAir(onAir: boolean): void {
    if (onAir && !this.#onAir) this.#encoder.reintroduce();
    this.#onAir = onAir;
  }

  setProgramme(programme: Programme): void {
    const { width, height, fps, videoBitrateKbps } = programme;
    void this.#encoder.configure({ width, height, fps, videoBitrateKbps });
  }

  /** Encodes the picture of a tick when somebody wants it. */
  async encode(canvas: OffscreenCanvas, tick: number): Promise<void> {
    if (!this.#onAir || !this.#link.connected) return;
    if (this.#link.congested) this.#congested += 1;
    else await this.#encoder.encode(canvas, tick);
  }

  requestKey(): void {
    this.#encoder.requestKey();
  }

  /** The link is new: whoever listens knows nothing yet. */
  reintroduce(): void {
    this.#encoder.reintroduce();
  }

  /** Gives the encoder up until the next `setProgramme`. */
  rest(): void {
    this.#onAir = false;
    this.#encoder.dispose();
  }

  dispose(): void {
    this.#disposed = true;
    this.#encoder.dispose();
  }

  #described(description: EncoderDescription): void {
    this.#description = description;
    const { width, height, fps } = description.format;
    this.#link.send({
      type: 'video-config',
      codec: description.codec,
      description: base64(description.description),
      width,
      height,
      fps,
    });
    void this.#sendSlate(description);
  }

  async #sendSlate(description: EncoderDescription): Promise<void> {
    const config = this.#encoder.config;
    if (config === null) return;
    if (this.#slate?.of !== description) {
      const packets = encodeSlate(config, description.format, description.description, () =>
        pause(SLATE_PAUSE_MS),
      );
      this.#slate = { of: description, packets };
    }
    try {
      const packets = await this.#slate.packets;
      if (this.#disposed || this.#description !== description) return;
      if (packets === null) throw new Error('its decoder description differs from the programme’s');
      for (const { header, payload } of packets) this.#link.sendFrame(header, payload);
    } catch (cause) {
      this.#slate = null;
      this.#failed(
        new StudioError(
          'stage',
          'internal',
          'The slate must be encodable beside the programme; it is left out.',
          { cause },
        ),
      );
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

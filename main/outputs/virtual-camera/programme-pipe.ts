import {
  AppendOnlyStreamTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
} from 'mediabunny';
import { toStudioError } from '../../../contract/errors';
import { GopQueue } from '../gop-queue';
import type { ProgrammeSink, VideoConfig, VideoPacket } from '../packets';

/** A reader that is slower than this loses pictures: a camera shows now, or nothing. */
const QUEUE_SPAN_US = 1_000_000;

/** Where the bytes go; settles when they are taken. */
export type TakeBytes = (bytes: Uint8Array) => Promise<void>;

/**
 * A sink that writes the programme's pictures, without sound, as Matroska into the stdin of a process.
 * When it cannot take them fast enough, whole GOPs are left out.
 */
export class ProgrammePipe implements ProgrammeSink {
  readonly name = 'virtual-camera';
  readonly #queue = new GopQueue(QUEUE_SPAN_US);
  readonly #take: TakeBytes;
  readonly #onBroken: (why: string) => void;
  #config: VideoConfig | null = null;
  #startUs = 0;
  #output: Output | null = null;
  #track = new EncodedVideoPacketSource('avc');
  #pumping = false;
  #closed = false;

  /** @param onBroken The stream cannot go on: its reader is gone, or the programme is encoded in another way. */
  constructor(take: TakeBytes, onBroken: (why: string) => void) {
    this.#take = take;
    this.#onBroken = onBroken;
  }

  onStart(config: VideoConfig, startUs: number): void {
    this.#config = config;
    this.#startUs = startUs;
  }

  onConfig(): void {
    this.#break('the programme is encoded in another way now');
  }

  onVideo(packet: VideoPacket): void {
    if (this.#closed) return;
    this.#queue.push({ kind: 'video', packet });
    void this.#pump();
  }

  onAudio(): void {
    // A camera has no sound.
  }

  onDetached(): void {
    this.#break('the programme could not be read');
  }

  /** Writes no more. */
  close(): void {
    this.#closed = true;
    this.#queue.clear();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
        if (this.#closed) return;
        if (item.kind === 'video') await this.#write(item.packet);
      }
    } catch (error) {
      this.#break(toStudioError(error, 'output').message);
    } finally {
      this.#pumping = false;
    }
  }

  async #write({ data, key, durationUs, timestampUs }: VideoPacket): Promise<void> {
    const atS = (timestampUs - this.#startUs) / 1e6;
    const encoded = new EncodedPacket(data, key ? 'key' : 'delta', atS, durationUs / 1e6);
    if (this.#output !== null) return this.#track.add(encoded);
    this.#output = new Output({
      format: new MkvOutputFormat({ appendOnly: true }),
      target: new AppendOnlyStreamTarget(new WritableStream<Uint8Array>({ write: this.#take })),
    });
    this.#output.addVideoTrack(this.#track);
    await this.#output.start();
    const { codec, width, height, description } = this.#config!;
    const decoderConfig = { codec, codedWidth: width, codedHeight: height, description };
    return this.#track.add(encoded, { decoderConfig });
  }

  #break(why: string): void {
    if (this.#closed) return;
    this.close();
    this.#onBroken(why);
  }
}

import {
  AppendOnlyStreamTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
} from 'mediabunny';
import {
  CHANNELS,
  SAMPLE_RATE,
  framesToUs,
  type AudioPacket,
  type VideoConfig,
  type VideoPacket,
} from './packets';

/** Takes bytes in order; settles when they are out of this process. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes H.264 and PCM as append-only Matroska: every block is handed on at once, nothing is
 * ever rewritten, so what was written before a kill stays readable. Times in the file begin
 * at `baseUs`.
 */
export class MkvWriter {
  readonly #output: Output;
  readonly #video = new EncodedVideoPacketSource('avc');
  readonly #audio = new EncodedAudioPacketSource('pcm-f32');
  readonly #config: VideoConfig;
  #firstVideo = true;
  #firstAudio = true;

  private constructor(write: WriteBytes, config: VideoConfig) {
    this.#config = config;
    this.#output = new Output({
      format: new MkvOutputFormat({ appendOnly: true }),
      target: new AppendOnlyStreamTarget(new WritableStream<Uint8Array>({ write })),
    });
    this.#output.addVideoTrack(this.#video);
    this.#output.addAudioTrack(this.#audio);
  }

  /** Opens a file or pipe that begins with a key frame of `config`. */
  static async open(write: WriteBytes, config: VideoConfig): Promise<MkvWriter> {
    const writer = new MkvWriter(write, config);
    await writer.#output.start();
    return writer;
  }

  /** @param timestampUs Time in the file; rejects when the bytes cannot be written. */
  async addVideo(packet: VideoPacket, timestampUs: number): Promise<void> {
    const { data, key, durationUs } = packet;
    const encoded = new EncodedPacket(data, key ? 'key' : 'delta', timestampUs / 1e6, durationUs / 1e6);
    if (!this.#firstVideo) return this.#video.add(encoded);
    this.#firstVideo = false;
    const { codec, width, height, description } = this.#config;
    const decoderConfig = { codec, codedWidth: width, codedHeight: height, description };
    return this.#video.add(encoded, { decoderConfig });
  }

  /** @param timestampUs Time in the file; rejects when the bytes cannot be written. */
  async addAudio(packet: AudioPacket, timestampUs: number): Promise<void> {
    const { buffer, byteOffset, byteLength } = packet.samples;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const seconds = framesToUs(packet.frames) / 1e6;
    const encoded = new EncodedPacket(bytes, 'key', timestampUs / 1e6, seconds);
    if (!this.#firstAudio) return this.#audio.add(encoded);
    this.#firstAudio = false;
    const decoderConfig = { codec: 'pcm-f32', sampleRate: SAMPLE_RATE, numberOfChannels: CHANNELS };
    return this.#audio.add(encoded, { decoderConfig });
  }

  /** Writes what is still held back for interleaving, and the index. */
  async finish(): Promise<void> {
    await this.#output.finalize();
  }

  /** Lets go without writing the rest. */
  async abort(): Promise<void> {
    await this.#output.cancel();
  }
}

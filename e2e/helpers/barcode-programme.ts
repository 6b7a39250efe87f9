import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ProgrammeBus } from '../../main/outputs/programme-bus';
import type { VideoPacket } from '../../main/outputs/packets';
import type { Fingerprint, FingerprintFeed } from '../../main/outputs/obs/fingerprint';
import { shrinkToFingerprint } from '../../main/outputs/obs/fingerprint';
import { FingerprintRing } from '../../main/outputs/obs/fingerprint-ring';
import { readFixture, temporaryFolder, type Fixture } from '../../main/outputs/testing/fixture';
import { PacedFeed } from '../../main/outputs/testing/paced-feed';
import { BARCODE_COLUMNS, BARCODE_RECT, BARCODE_ROWS, encodeBarcode } from '../../renderer/stage/barcode';

const WIDTH = 640;
const HEIGHT = 360;
const RATE = 30;
const SECONDS = 12;

/**
 * A programme without a window: pictures with a clock barcode and a moving bar, and a tone, given to
 * a bus in real time. It knows when each picture was given, and gives their fingerprints.
 */
export class BarcodeProgramme implements FingerprintFeed {
  readonly bus: ProgrammeBus;
  readonly #feed: PacedFeed;
  readonly #filmMs = new Map<Uint8Array, number>();
  readonly #givenUs = new Map<number, number>();
  readonly #listeners = new Set<(fingerprint: Fingerprint) => void>();
  /** The fingerprints of the last three seconds, whoever wants them. */
  readonly ring = new FingerprintRing();
  #areWanted = false;

  private constructor(fixture: Fixture) {
    fixture.packets.forEach(({ data }, index) => this.#filmMs.set(data, msOf(index)));
    let feed: PacedFeed | null = null;
    this.bus = new ProgrammeBus({ nowUs, onKeyFrameNeeded: () => feed?.keyFrame() });
    this.bus.addSink({
      name: 'clock',
      onStart: () => {},
      onConfig: () => {},
      onAudio: () => {},
      onVideo: (packet) => this.#given(packet),
    });
    this.#feed = feed = new PacedFeed(this.bus, fixture, nowUs);
  }

  /** @param gop Pictures from one key frame to the next. */
  static async start(gop = RATE): Promise<BarcodeProgramme> {
    const { folder, remove } = await temporaryFolder();
    try {
      const file = join(folder, 'barcode.mp4');
      encode(file, gop);
      return new BarcodeProgramme(await readFixture(file));
    } finally {
      await remove();
    }
  }

  /** Programme time in µs at which the picture with this barcode was last given; null when never. */
  givenUs(barcodeMs: number): number | null {
    return this.#givenUs.get(barcodeMs) ?? null;
  }

  wantFingerprints(on: boolean): void {
    this.#areWanted = on;
  }

  onFingerprint(listener: (fingerprint: Fingerprint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#feed.stop();
  }

  #given({ data, timestampUs }: VideoPacket): void {
    const filmMs = this.#filmMs.get(data);
    if (filmMs === undefined) return;
    this.#givenUs.set(filmMs, timestampUs);
    const luma = shrinkToFingerprint({
      data: paint(Math.round((filmMs * RATE) / 1000)),
      width: WIDTH,
      height: HEIGHT,
    });
    this.ring.add({ timestampUs, luma });
    if (this.#areWanted) for (const listener of this.#listeners) listener({ timestampUs, luma });
  }
}

/** The programme clock of these tests, µs. */
export function nowUs(): number {
  return performance.now() * 1000;
}

function encode(file: string, gop: number): void {
  const pictures = Array.from({ length: SECONDS * RATE }, (_, index) => paint(index));
  const { status, stderr } = spawnSync(
    'ffmpeg',
    // prettier-ignore
    ['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${WIDTH}x${HEIGHT}`, '-r', String(RATE),
      '-i', 'pipe:0', '-t', String(SECONDS), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency',
      '-g', String(gop), '-pix_fmt', 'yuv420p', file],
    { input: Buffer.concat(pictures), timeout: 60_000 },
  );
  if (status !== 0) throw new Error(`ffmpeg failed: ${stderr.toString()}`);
}

function msOf(index: number): number {
  return Math.round((index * 1000) / RATE);
}

function paint(index: number): Buffer {
  const picture = Buffer.alloc(WIDTH * HEIGHT, 96);
  const bar = Math.round((index * WIDTH) / RATE / 3) % WIDTH;
  for (let y = 0; y < HEIGHT / 2; y += 1)
    picture.fill(208, y * WIDTH + bar, y * WIDTH + Math.min(WIDTH, bar + 60));
  const blockWidth = (BARCODE_RECT.width * WIDTH) / BARCODE_COLUMNS;
  const blockHeight = (BARCODE_RECT.height * HEIGHT) / BARCODE_ROWS;
  encodeBarcode(msOf(index)).forEach((white, bit) => {
    const left = Math.round(BARCODE_RECT.x * WIDTH + (bit % BARCODE_COLUMNS) * blockWidth);
    const top = Math.round(BARCODE_RECT.y * HEIGHT + Math.floor(bit / BARCODE_COLUMNS) * blockHeight);
    for (let y = top; y < top + Math.round(blockHeight); y += 1) {
      picture.fill(white ? 255 : 0, y * WIDTH + left, y * WIDTH + left + Math.round(blockWidth));
    }
  });
  return picture;
}

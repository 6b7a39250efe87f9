import type { ObsLive } from '../../../contract/live';
import { readBitmap, readDataUrl } from './bitmap';
import { matchFingerprint, shrinkToFingerprint, type FingerprintFeed } from './fingerprint';
import { FingerprintRing } from './fingerprint-ring';
import { ObsRequestError, STATUS, type ObsConnection } from './obs-connection';

/** Ten pixels for each of the fingerprint's: OBS scales down by leaving out, the mean is taken here. */
const LOOK = { imageWidth: 320, imageHeight: 180 } as const;
/** Latencies older than this say nothing of now, in microseconds. */
const REMEMBERED_US = 60_000_000;
/** Fingerprints that stopped so long ago, in microseconds, cannot be compared with. */
const STALE_US = 1_500_000;

/**
 * What OBS was seen to show: the programme, something else, nothing yet; or its source is gone.
 * `unproven`: a picture, but the stage gives nothing to compare it with.
 */
export type Sight = 'programme' | 'unproven' | 'other' | 'nothing' | 'source-gone';

/** Looks at OBS's picture of the programme: whether it is ours, and how old. */
export class ObsEye {
  readonly #nowUs: () => number;
  readonly #feed: FingerprintFeed | null;
  readonly #ring = new FingerprintRing();
  readonly #detach: () => void;
  #latencies: { atUs: number; ms: number }[] = [];

  constructor(nowUs: () => number, feed: FingerprintFeed | null) {
    this.#nowUs = nowUs;
    this.#feed = feed;
    this.#detach = feed?.onFingerprint((fingerprint) => this.#ring.add(fingerprint)) ?? (() => {});
  }

  /** Begins, or ends, to remember the programme's own pictures. */
  open(on: boolean): void {
    if (!on) this.#ring.clear();
    this.#feed?.wantFingerprints(on);
  }

  /** Looks once; a picture that can be told from its neighbours adds a latency. */
  async look(obs: ObsConnection, source: string): Promise<Sight> {
    const askedUs = this.#nowUs();
    let image: unknown;
    try {
      image = (await obs.call('GetSourceScreenshot', { sourceName: source, imageFormat: 'bmp', ...LOOK }))
        .imageData;
    } catch (error) {
      if (!(error instanceof ObsRequestError)) throw error;
      // A media source that has no picture has no size, and so no screenshot.
      return error.status === STATUS.notFound ? 'source-gone' : 'nothing';
    }
    const atUs = (askedUs + this.#nowUs()) / 2;
    const picture = readBitmap(readDataUrl(image) ?? new Uint8Array());
    if (picture === null) return 'nothing';
    const newestUs = this.#ring.newestUs;
    if (newestUs === null || atUs - newestUs > STALE_US) return 'unproven';
    const { shown, timestampUs } = matchFingerprint(shrinkToFingerprint(picture), this.#ring.all);
    if (timestampUs !== null) this.#latencies.push({ atUs, ms: (atUs - timestampUs) / 1000 });
    return shown ? 'programme' : 'other';
  }

  /** Programme picture to OBS's picture over the last minute; null when it could not be told. */
  latencyMs(): ObsLive['latencyMs'] {
    const oldestUs = this.#nowUs() - REMEMBERED_US;
    this.#latencies = this.#latencies.filter(({ atUs }) => atUs >= oldestUs);
    const sorted = this.#latencies.map(({ ms }) => ms).sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return { p50: Math.max(0, at(0.5)), p95: Math.max(0, at(0.95)), n: sorted.length };
  }

  /** Forgets latencies of a connection that is no more. */
  forget(): void {
    this.#latencies = [];
  }

  /** Lets go of the stage. */
  close(): void {
    this.open(false);
    this.#detach();
  }
}

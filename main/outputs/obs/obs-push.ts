import type { StudioError } from '../../../contract/errors';
import type { FfmpegInfo } from '../ffmpeg';
import { LiveOutput } from '../live-output';
import type { ProgrammeBus } from '../programme-bus';
import { JoinClock } from './join-clock';
import { PUSH_BACKOFF } from './obs-machine';

const AUDIO_BITRATE_KBPS = 160;
const PATIENCE = { connectMs: 8_000, stallMs: 4_000, stableMs: 10_000 };
/** A picture is to be shown so long after it was taken, if OBS's own start is quick; microseconds. */
const LEAD_US = 60_000;
/** A measured latency over the first is brought to the second, in milliseconds; what is over the third is not ours. */
const TOLERATED_MS = 340;
const WANTED_MS = 270;
const MOST_MS = 1_500;
/** From a picture that is sent to OBS's own picture, at least. */
const LINE_MS = 150;
/** The frame rate is not waited for. */
const INPUT = ['-fpsprobesize', '0'];
/**
 * Nothing is gathered in the muxer: not for a common delay, not to fill a packet with sound. Times begin
 * late enough for an AAC encoder's first packet, which comes before the sound it was given.
 */
const MUX = [
  ...['-muxdelay', '0', '-muxpreload', '0', '-pes_payload_size', '0', '-max_interleave_delta', '1'],
  ...['-output_ts_offset', '0.05'],
];

export type ObsPushOptions = {
  bus: ProgrammeBus;
  ffmpeg: () => FfmpegInfo | null;
  nowUs: () => number;
  onLog?: (line: string) => void;
};

/** The programme's way into OBS: a live output that never gives up. */
export class ObsPush {
  readonly #output: LiveOutput;
  #clock: JoinClock | null = null;
  #tightened: JoinClock | null = null;

  /** @throws StudioError `ffmpeg.missing` */
  constructor({ bus, ffmpeg, nowUs, onLog }: ObsPushOptions, url: string, onChange: () => void) {
    this.#output = new LiveOutput({
      bus,
      ffmpeg,
      nowUs,
      onChange,
      ...(onLog === undefined ? {} : { onLog }),
      backoff: PUSH_BACKOFF,
      patience: PATIENCE,
      session: () => {
        this.#clock = new JoinClock(nowUs, LEAD_US);
        return { inputArguments: INPUT, muxArguments: MUX, clock: this.#clock };
      },
    });
    this.#output.start(
      { id: 'obs', name: 'OBS', protocol: 'srt', url, audioBitrateKbps: AUDIO_BITRATE_KBPS },
      '',
    );
  }

  /** Whether OBS takes what is pushed. */
  get isUp(): boolean {
    return this.#output.live().state === 'live';
  }

  /** What keeps it from being up; null when nothing is known. */
  get error(): StudioError | null {
    return this.#output.error;
  }

  /** Process id of the present ffmpeg. */
  get pid(): number | undefined {
    return this.#output.pid;
  }

  /**
   * Takes the measured latency and, once a connection, makes OBS show everything earlier where it is too
   * late: how long OBS itself takes to open the line cannot be known before.
   * @returns whether it did
   */
  tighten(latencyMs: number): boolean {
    const clock = this.#clock;
    if (clock === null || clock === this.#tightened || latencyMs <= TOLERATED_MS) return false;
    this.#tightened = clock;
    // What comes late to be sent cannot be shown earlier: its sound would come too late.
    const wantedMs = Math.max(WANTED_MS, clock.latenessUs / 1000 + LINE_MS);
    const earlierMs = Math.min(latencyMs, MOST_MS) - wantedMs;
    if (earlierMs <= 0) return false;
    clock.hasten(earlierMs * 1000);
    return true;
  }

  async end(): Promise<void> {
    await this.#output.stop();
  }
}

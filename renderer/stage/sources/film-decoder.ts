import { ALL_FORMATS, Input, UrlSource, VideoSampleSink, type VideoSample } from 'mediabunny';
import { StudioError } from '../../../contract/errors';
import { ownFrame } from '../frames';

/** A decoded picture with its film time, counted through the loops. */
export type FilmFrame = { timeUs: number; frame: VideoFrame };

/** An opened film. */
export type Film = {
  durationUs: number;
  /** Pictures in order from `timeUs` on; through the end into the next run when `loop`. */
  frames(timeUs: number, loop: boolean): AsyncGenerator<FilmFrame, void, unknown>;
  dispose(): void;
};

/**
 * Opens a film for decoding, reading only the byte ranges it needs.
 * @throws StudioError `media.missing` when the server has no such file, `media.unsupported` when it
 * holds no picture track that this browser decodes.
 */
export async function openFilm(url: string, name: string): Promise<Film> {
  await checkPresent(url, name);
  const input = new Input({
    formats: ALL_FORMATS,
    source: new UrlSource(url, { getRetryDelay: retryDelay }),
  });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (track === null || !(await track.canDecode())) {
      throw new StudioError(
        'stage',
        'media.unsupported',
        `Film "${name}" must hold a picture track this browser decodes, got ${track === null ? 'none' : ((await track.getCodec()) ?? 'an unknown codec')}; convert it to H.264.`,
      );
    }
    const firstUs = Math.max(0, await track.getFirstTimestamp()) * 1e6;
    const durationUs = Math.round((await track.computeDuration()) * 1e6);
    const sink = new VideoSampleSink(track);
    return {
      durationUs,
      frames: (timeUs, loop) => filmFrames(sink, { name, timeUs, loop, durationUs, firstUs }),
      dispose: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    if (error instanceof StudioError) throw error;
    throw new StudioError(
      'stage',
      'media.unsupported',
      `Film "${name}" must be a readable media file; it could not be opened. Convert it to MP4 with H.264.`,
      { cause: error },
    );
  }
}

type Span = { name: string; timeUs: number; loop: boolean; durationUs: number; firstUs: number };

async function* filmFrames(sink: VideoSampleSink, span: Span): AsyncGenerator<FilmFrame, void, unknown> {
  let run = span.loop && span.durationUs > 0 ? Math.floor(span.timeUs / span.durationUs) : 0;
  let startUs = span.timeUs - run * span.durationUs;
  do {
    let empty = true;
    // The first picture is shown until the second, so a start before it begins with it.
    for await (const sample of sink.samples(Math.max(startUs, span.firstUs) / 1e6)) {
      const timeUs = run * span.durationUs + Math.max(0, sample.microsecondTimestamp);
      const frame = toFrame(sample);
      empty = false;
      yield { timeUs, frame };
    }
    // Without a picture nothing is ever awaited: the next run would block the stage for good.
    if (empty && startUs <= span.firstUs) throw emptyFilm(span.name);
    run += 1;
    startUs = 0;
  } while (span.loop && span.durationUs > 0);
}

function emptyFilm(name: string): StudioError {
  return new StudioError(
    'stage',
    'media.unsupported',
    `Film "${name}" must hold at least one picture, got none; convert it to H.264.`,
  );
}

/** The sample as a frame of its own, upright: phones store pictures turned. */
function toFrame(sample: VideoSample): VideoFrame {
  try {
    if (sample.rotation === 0 && !sample.flip) return ownFrame(sample.toVideoFrame());
    const canvas = new OffscreenCanvas(sample.displayWidth, sample.displayHeight);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('A 2D canvas could not be made.');
    sample.draw(context, 0, 0);
    return ownFrame(new VideoFrame(canvas, { timestamp: sample.microsecondTimestamp }));
  } finally {
    sample.close();
  }
}

async function checkPresent(url: string, name: string): Promise<void> {
  const response = await fetch(url, { headers: { range: 'bytes=0-0' } }).catch((error: unknown) => error);
  if (response instanceof Response) {
    await response.body?.cancel();
    if (response.ok) return;
  }
  const got = response instanceof Response ? `HTTP ${response.status}` : 'no answer';
  throw new StudioError(
    'stage',
    'media.missing',
    `Film "${name}" must be readable, got ${got}; put the file back or choose another.`,
    response instanceof Response ? undefined : { cause: response },
  );
}

function retryDelay(previousAttempts: number): number | null {
  return previousAttempts < 4 ? 0.25 * 2 ** previousAttempts : null;
}

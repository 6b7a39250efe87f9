import { ALL_FORMATS, AudioBufferSink, Input, UrlSource, type InputAudioTrack } from 'mediabunny';
import { StudioError } from '../../contract/errors';
import { PcmReader, type DecodedSound } from './pcm-reader';

const MAX_ATTEMPTS = 3;
const RETRY_DELAY_S = 0.5;

/** An opened medium: its length and, unless it is silent, a reader of its sound track. */
export type MediaSound = {
  /** Length of the picture track, or of the sound where there is no picture, whole µs. */
  durationUs: number;
  /** Null when the medium has no sound track. */
  reader: PcmReader | null;
  dispose(): Promise<void>;
};

/**
 * Opens a media file over HTTP ranges.
 * @throws {StudioError} `media.missing` when it cannot be fetched, `media.unsupported`
 * when its container or its sound codec is not known here.
 */
export async function openMediaSound(url: string, mediaName: string): Promise<MediaSound> {
  const source = new UrlSource(url, {
    getRetryDelay: (attempts) => (attempts < MAX_ATTEMPTS ? RETRY_DELAY_S : null),
  });
  const input = new Input({ source, formats: ALL_FORMATS });
  try {
    if (!(await isReadable(input, mediaName))) throw unsupported(mediaName, 'its container is not known');
    const track = await input.getPrimaryAudioTrack();
    // A film's loop joins where its picture does, in whole microseconds as the stage counts them.
    const picture = await input.getPrimaryVideoTrack();
    const durationUs = Math.round((await (picture ?? input).computeDuration()) * 1e6);
    const reader = track ? await openTrack(track, mediaName) : null;
    return {
      durationUs,
      reader,
      dispose: async () => {
        await reader?.dispose();
        input.dispose();
      },
    };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

async function isReadable(input: Input, mediaName: string): Promise<boolean> {
  try {
    return await input.canRead();
  } catch (error) {
    const message = `Media “${mediaName}” must be readable, but fetching it failed. Add the file again.`;
    throw new StudioError('sound', 'media.missing', message, { cause: error });
  }
}

async function openTrack(track: InputAudioTrack, mediaName: string): Promise<PcmReader> {
  if (!(await track.canDecode())) throw unsupported(mediaName, 'its sound codec cannot be decoded');
  const sampleRate = await track.getSampleRate();
  const channels = await track.getNumberOfChannels();
  const sink = new AudioBufferSink(track);
  return new PcmReader((timestampS) => decode(sink, timestampS), sampleRate, channels);
}

async function* decode(sink: AudioBufferSink, fromS: number): AsyncGenerator<DecodedSound, void, unknown> {
  for await (const { buffer, timestamp } of sink.buffers(fromS)) {
    const channels = Array.from({ length: buffer.numberOfChannels }, (_, c) => buffer.getChannelData(c));
    yield { timestampS: timestamp, channels };
  }
}

function unsupported(mediaName: string, why: string): StudioError {
  const message = `Sound of “${mediaName}” must be a format this studio plays, but ${why}. Convert the file.`;
  return new StudioError('sound', 'media.unsupported', message);
}

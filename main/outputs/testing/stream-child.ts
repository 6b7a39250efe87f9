import { LiveSession } from '../live-session';
import { needFfmpeg, makeFixture } from './fixture';

/**
 * A process that streams a fixture until it is killed: `stream-child URL`. Prints ffmpeg's
 * process id once ffmpeg has reported progress.
 */
async function main(): Promise<void> {
  const ffmpeg = await needFfmpeg();
  const { config, packets } = await makeFixture(ffmpeg, { seconds: 1 });
  const target = { url: process.argv[2]!, protocol: 'srt', format: 'mpegts', secrets: [] } as const;
  const session: LiveSession = new LiveSession({
    ffmpegPath: ffmpeg.path,
    target,
    audioBitrateKbps: 128,
    onProgress: () => process.stdout.write(`${session.pid}\n`),
    onEnded: () => {},
    onConfigChange: () => {},
  });
  session.onStart(config, 0);
  let frame = 0;
  setInterval(() => {
    const packet = packets[frame % packets.length]!;
    const timestampUs = Math.round((frame * 1e6) / 30);
    session.onVideo({ ...packet, timestampUs });
    session.onAudio({ samples: new Float32Array(3200), timestampUs, frames: 1600 });
    frame += 1;
  }, 33);
}

await main();

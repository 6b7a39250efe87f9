import { ProgrammeBus } from '../programme-bus';
import { Recorder } from '../recorder';
import { makeFixture, needFfmpeg } from './fixture';
import { PacedFeed } from './paced-feed';

/**
 * A process that records a paced fixture until it is killed: `record-child FOLDER CONTAINER`.
 * Prints the seconds fed so far, a line each 100 ms.
 */
async function main(): Promise<void> {
  const [folder, container] = process.argv.slice(2);
  const ffmpeg = await needFfmpeg();
  const fixture = await makeFixture(ffmpeg, { gop: 60 });
  const nowUs = (): number => performance.now() * 1000;
  let feed: PacedFeed | null = null;
  const bus = new ProgrammeBus({ nowUs, onKeyFrameNeeded: () => feed?.keyFrame() });
  feed = new PacedFeed(bus, fixture, nowUs);
  const recorder = new Recorder({ bus, ffmpeg: () => ffmpeg, nowUs });
  await recorder.start({ folder: folder!, name: 'Killed', container: container === 'mkv' ? 'mkv' : 'mp4' });
  let startedUs = 0;
  setInterval(() => {
    if (recorder.live().durationUs > 0) startedUs ||= nowUs() - recorder.live().durationUs;
    process.stdout.write(`${startedUs === 0 ? 0 : (nowUs() - startedUs) / 1e6}\n`);
  }, 100);
}

await main();

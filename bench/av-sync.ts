import { beeps, flashes, median, readPictures, readSound, syncOffsetsUs } from '../e2e/helpers/recording';
import { layerOf } from '../e2e/helpers/live-state';
import { StudioProcess } from '../e2e/helpers/studio-process';
import { figure, publish } from './lib/figures';
import { secondsOf } from './lib/options';

/** The window has drawn and mixed for a while before it counts. */
const WARM_UP_MS = 5000;

/** Flash-beeps of the test card through the whole path into a recording, ten minutes of them. */
export async function bench(args: readonly string[] = []): Promise<void> {
  const seconds = secondsOf(args, 600);
  const offsetsMs = await recordedOffsetsMs(seconds);
  const part = Math.max(1, Math.floor(offsetsMs.length / 4));
  const driftMs = median(offsetsMs.slice(-part)) - median(offsetsMs.slice(0, part));
  const distancesMs = offsetsMs.map(Math.abs);
  publish('av-sync', 'none', [
    figure('medianOffsetMs', 'ms', 'lower', offsetsMs, {
      value: Math.abs(median(offsetsMs)),
      against: `20 ms; sound after picture is positive, over ${seconds} s`,
    }),
    figure('worstOffsetMs', 'ms', 'lower', distancesMs, {
      value: Math.max(...distancesMs),
      against: '45 ms',
    }),
    figure('driftMs', 'ms', 'lower', [driftMs], {
      value: Math.round(Math.abs(driftMs) * 1000) / 1000,
      against: '5 ms; median of the last quarter less that of the first',
    }),
    figure('missingFlashes', 'flashes', 'lower', [Math.max(0, Math.floor(seconds) - offsetsMs.length)], {
      against: 'one flash with its beep a second',
    }),
  ]);
}

async function recordedOffsetsMs(seconds: number): Promise<number[]> {
  const studio = await StudioProcess.start({
    project: {
      scenes: [{ id: 'scene-1', name: 'Card', layers: [layerOf('card', { kind: 'test-card', beep: true })] }],
      strips: [
        {
          id: 'beep',
          name: 'Beep',
          source: { kind: 'layer', layerId: 'card' },
          gainDb: 0,
          muted: false,
          syncOffsetMs: 0,
          binaural: null,
        },
      ],
    },
  });
  try {
    await new Promise((done) => setTimeout(done, WARM_UP_MS));
    await studio.command({ type: 'recording.start' });
    const limitMs = (seconds + 60) * 1000;
    await studio.until('recording', (s) => s.recording.durationUs > seconds * 1e6, limitMs);
    await studio.command({ type: 'recording.stop' });
    const { recording } = await studio.until(
      'the file',
      (s) => s.recording.state === 'idle' && s.recording.file !== null,
      120_000,
    );
    const file = recording.file!;
    const offsetsUs = syncOffsetsUs(flashes(await readPictures(file)), beeps(await readSound(file)));
    return offsetsUs.map((us) => us / 1000);
  } finally {
    await studio.stop();
  }
}

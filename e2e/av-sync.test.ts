import { afterEach, describe, expect, it } from 'vitest';
import { beeps, flashes, median, readPictures, readSound, syncOffsetsUs } from './helpers/recording';
import { layerOf } from './helpers/live-state';
import { StudioProcess } from './helpers/studio-process';

const SECONDS = 60;

let studio: StudioProcess | null = null;
afterEach(async () => {
  await studio?.stop();
  studio = null;
});

const card = layerOf('card', { kind: 'test-card', beep: true });

describe('sound and picture', () => {
  it(`of ${SECONDS} s of flash-beeps stay together through the whole path`, async () => {
    studio = await StudioProcess.start({
      project: {
        scenes: [{ id: 'scene-1', name: 'Card', layers: [card] }],
        strips: [
          {
            id: 's',
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
    // The window has drawn and mixed for a while before the recording begins.
    await new Promise((done) => setTimeout(done, 5000));
    await studio.command({ type: 'recording.start' });
    await studio.until('recording', (s) => s.recording.durationUs > SECONDS * 1e6, (SECONDS + 60) * 1000);
    await studio.command({ type: 'recording.stop' });
    const { recording } = await studio.until(
      'the file',
      (s) => s.recording.state === 'idle' && s.recording.file !== null,
    );
    const pictures = await readPictures(recording.file!);
    const offsets = syncOffsetsUs(flashes(pictures), beeps(await readSound(recording.file!)));
    const tenth = Math.floor(offsets.length / 4);
    const driftUs = median(offsets.slice(-tenth)) - median(offsets.slice(0, tenth));
    console.log(
      `A/V offset over ${offsets.length} flashes: median ${(median(offsets) / 1000).toFixed(1)} ms, ` +
        `worst ${(Math.max(...offsets.map(Math.abs)) / 1000).toFixed(1)} ms, drift ${(driftUs / 1000).toFixed(1)} ms`,
    );
    expect(offsets.length).toBeGreaterThanOrEqual(SECONDS * 0.8);
    expect(Math.abs(median(offsets))).toBeLessThanOrEqual(20_000);
    expect(Math.max(...offsets.map(Math.abs))).toBeLessThanOrEqual(45_000);
    expect(Math.abs(driftUs)).toBeLessThanOrEqual(5000);
  });
});

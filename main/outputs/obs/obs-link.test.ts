import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObsSettings } from '../../../contract/project';
import { ProgrammeBus } from '../programme-bus';
import { needFfmpeg } from '../testing/fixture';
import type { FfmpegInfo } from '../ffmpeg';
import { ObsLink } from './obs-link';
import { FakeObs } from './testing/fake-obs';

function nowUs(): number {
  return performance.now() * 1000;
}

describe('ObsLink against an OBS that misbehaves', () => {
  let ffmpeg: FfmpegInfo;
  let fake: FakeObs;
  let link: ObsLink;
  let settings: ObsSettings;
  let bus: ProgrammeBus;

  beforeAll(async () => {
    ffmpeg = await needFfmpeg();
  });
  beforeEach(async () => {
    fake = await FakeObs.start('right');
    settings = { host: '127.0.0.1', port: fake.port, scene: 'Ours', source: 'Programme', srtPort: 9 };
    bus = new ProgrammeBus({ nowUs, onKeyFrameNeeded: () => {} });
    link = new ObsLink({
      bus,
      ffmpeg: () => ffmpeg,
      nowUs,
      patience: { connectMs: 500, answerMs: 300 },
      pace: { seekMs: 20, mendMs: 150 },
      backoff: { firstMs: 50, factor: 1, longestMs: 50, tries: Infinity, jitter: 0 },
    });
  });
  afterEach(async () => {
    await link.stop();
    await fake.stop();
  });

  async function error(code: string | undefined): Promise<void> {
    await expect.poll(() => link.live(true).error?.code, { timeout: 8_000 }).toBe(code);
  }

  it('stops at once at a wrong password and at an absent OBS', async () => {
    link.start(settings, 'wrong');
    await error('obs.refused');
    expect(link.live(true).state).toBe('idle');
    await fake.stop();
    link.start(settings, 'right');
    await error('obs.absent');
    expect(link.live(true).state).toBe('idle');
    fake = await FakeObs.start('right');
  });

  it('is not live by a screenshot alone: the push must be taken, and the picture be one', async () => {
    link.start(settings, 'right');
    await error('obs.no-picture');
    expect(link.live(true).state).toBe('connecting');
    expect(fake.asked).toContain('TriggerMediaInputAction');
  });

  it('connects again and again when OBS closes, and ends its wait when it is stopped', async () => {
    link.start(settings, 'right');
    await expect.poll(() => fake.asked.includes('GetSourceScreenshot'), { timeout: 8_000 }).toBe(true);
    fake.asked.length = 0;
    fake.drop();
    await expect.poll(() => fake.asked.includes('GetSourceScreenshot'), { timeout: 8_000 }).toBe(true);
    await link.stop();
    expect(link.live(true)).toMatchObject({ state: 'idle', error: null });
    await expect.poll(() => fake.connections, { timeout: 8_000 }).toBe(0);
  });

  it('waits for an OBS that is still loading', async () => {
    let refused = 0;
    fake.override = (request) => (request === 'GetSceneList' && refused++ < 1 ? { status: 207 } : null);
    link.start(settings, 'right');
    await expect.poll(() => fake.inputs.size, { timeout: 8_000 }).toBe(1);
    expect(refused).toBe(2);
  });

  it('starts once, and again after it was stopped, whatever the moment', async () => {
    link.start(settings, 'right');
    expect(() => link.start(settings, 'right')).toThrow('already');
    void link.stop();
    link.start(settings, 'right');
    await expect.poll(() => fake.inputs.size, { timeout: 8_000 }).toBe(1);
    await link.stop();
    await link.stop();
    expect(link.live(true).state).toBe('idle');
  });

  it('tells nobody the password', async () => {
    fake.override = (request) => (request === 'GetSceneList' ? 'nonsense' : null);
    link.start(settings, 'right');
    await error('obs.lost');
    expect(JSON.stringify(link.live(true))).not.toContain('right');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyProject } from '../../contract/project';
import type { FfmpegInfo } from '../outputs/ffmpeg';
import { ProgrammeBus } from '../outputs/programme-bus';
import { sessionSecrets } from '../studio/session-secrets';
import { testStudio } from '../studio/testing';
import { ObsDesk } from './obs-desk';

const FFMPEG: FfmpegInfo = { path: '/usr/bin/ffmpeg', version: '5.1', protocols: [] };

describe('the password of OBS', () => {
  const secrets = sessionSecrets();
  let studio: ReturnType<typeof testStudio>['studio'];
  let desk: ObsDesk;

  beforeEach(async () => {
    await secrets.delete('obs-password');
    ({ studio } = testStudio(emptyProject()));
    desk = newDesk();
  });
  afterEach(() => desk.close());

  function newDesk(): ObsDesk {
    return new ObsDesk({
      studio,
      bus: new ProgrammeBus({ nowUs: () => 0, onKeyFrameNeeded: () => {} }),
      ffmpeg: FFMPEG,
      secrets,
      nowUs: () => 0,
      stage: { onFingerprint: () => () => {}, wantFingerprints: () => {} },
      onLog: () => {},
      onChange: () => {},
    });
  }

  function moveObs(host: string): void {
    studio.command({ command: { type: 'obs.configure', patch: { host } }, inputUs: 0 });
  }

  it('is there for the host it was typed for, and for no other', async () => {
    expect(desk.live().hasPassword).toBe(false);
    await desk.setPassword('hunter2');
    expect(desk.live().hasPassword).toBe(true);
    moveObs('obs.example');
    expect(desk.live().hasPassword).toBe(false);
    await expect(desk.access()).rejects.toMatchObject({
      code: 'obs.refused',
      message: expect.stringContaining('obs.example'),
    });
    moveObs(emptyProject().obs.host);
    expect(desk.live().hasPassword).toBe(true);
    await expect(desk.access()).resolves.toMatchObject({ password: 'hunter2' });
  });

  it('is found again at the next start, for its own host', async () => {
    await desk.setPassword('hunter2');
    const next = newDesk();
    await next.findPassword();
    expect(next.live().hasPassword).toBe(true);
    moveObs('obs.example');
    expect(next.live().hasPassword).toBe(false);
  });

  it('is forgotten when an empty one is set', async () => {
    await desk.setPassword('hunter2');
    await desk.setPassword('');
    expect(desk.live().hasPassword).toBe(false);
    await expect(desk.access()).resolves.toMatchObject({ password: '' });
  });

  it('that the store kept in another form is asked for again, in words', async () => {
    await secrets.set('obs-password', '{"host":3}');
    await desk.findPassword();
    expect(desk.live().hasPassword).toBe(false);
    expect(studio.state.notices).toMatchObject([
      { key: 'obs-password', error: { code: 'secret.unavailable' } },
    ]);
  });
});

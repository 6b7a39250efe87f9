import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ObsConnection } from './obs-connection';
import { mediaSettings, prepareScene, type ObsPlan } from './obs-scene';
import { FakeObs } from './testing/fake-obs';

const PLAN: ObsPlan = { scene: 'Ours', source: 'Programme', listenUrl: 'srt://127.0.0.1:9710?mode=listener' };

describe('prepareScene', () => {
  let fake: FakeObs;
  let obs: ObsConnection;

  beforeEach(async () => {
    fake = await FakeObs.start();
    obs = await ObsConnection.open({ host: '127.0.0.1', port: fake.port }, '');
  });
  afterEach(async () => {
    obs.close();
    await fake.stop();
  });

  it('makes scene, source and place, and nothing the second time', async () => {
    expect(await prepareScene(obs, PLAN)).toEqual(['scene made', 'source made', 'source placed']);
    expect([...fake.scenes]).toEqual(['Main', 'Ours']);
    expect(fake.inputs.get('Programme')).toEqual({
      kind: 'ffmpeg_source',
      settings: mediaSettings(PLAN.listenUrl),
    });
    expect(fake.items[0]!.transform).toMatchObject({
      boundsType: 'OBS_BOUNDS_SCALE_INNER',
      boundsWidth: 1280,
    });
    fake.asked.length = 0;
    expect(await prepareScene(obs, PLAN)).toEqual([]);
    expect(fake.asked.filter((request) => /^(Create|Set)/.test(request))).toEqual([]);
  });

  it('mends only the settings that are wrong, and counts defaults that OBS does not list', async () => {
    await prepareScene(obs, PLAN);
    const { settings } = fake.inputs.get('Programme')!;
    settings['input'] = 'srt://elsewhere:1';
    delete settings['buffering_mb'];
    settings['speed_percent'] = 100;
    let sent: unknown;
    fake.override = (request, data) => {
      if (request === 'SetInputSettings') sent = data['inputSettings'];
      return null;
    };
    expect(await prepareScene(obs, PLAN)).toEqual(['source mended']);
    expect(sent).toEqual({ input: PLAN.listenUrl, buffering_mb: 0 });
    expect(settings['speed_percent']).toBe(100);
  });

  it('leaves a place alone that the user has given a size', async () => {
    await prepareScene(obs, PLAN);
    fake.items[0]!.transform = { boundsType: 'OBS_BOUNDS_STRETCH', boundsWidth: 400 };
    expect(await prepareScene(obs, PLAN)).toEqual([]);
    expect(fake.items[0]!.transform).toEqual({ boundsType: 'OBS_BOUNDS_STRETCH', boundsWidth: 400 });
  });

  it('puts a source that lies elsewhere into the scene as well', async () => {
    await prepareScene(obs, PLAN);
    fake.items[0]!.scene = 'Main';
    expect(await prepareScene(obs, PLAN)).toEqual(['source placed']);
    expect(fake.inputs.size).toBe(1);
  });

  it('touches nothing whose name is taken by something else', async () => {
    fake.inputs.set('Programme', { kind: 'text_ft2_source_v2', settings: {} });
    await expect(prepareScene(obs, PLAN)).rejects.toMatchObject({ code: 'obs.unsupported' });
    await expect(prepareScene(obs, { ...PLAN, source: 'Main' })).rejects.toMatchObject({
      code: 'obs.unsupported',
    });
    await expect(prepareScene(obs, { ...PLAN, scene: 'Programme', source: 'x' })).rejects.toThrow(
      'source named',
    );
    expect(fake.inputs.size).toBe(1);
  });

  it('says which request this OBS lacks', async () => {
    const old = await FakeObs.start();
    old.known = old.known.filter((request) => request !== 'CreateInput');
    const connection = await ObsConnection.open({ host: '127.0.0.1', port: old.port }, '');
    await expect(prepareScene(connection, PLAN)).rejects.toThrow('CreateInput');
    connection.close();
    await old.stop();
  });
});

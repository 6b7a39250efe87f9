import { afterEach, describe, expect, it } from 'vitest';
import { ObsConnection } from './obs-connection';
import { FakeObs } from './testing/fake-obs';

const PATIENCE = { connectMs: 400, answerMs: 300 };

describe('ObsConnection', () => {
  const fakes: FakeObs[] = [];
  afterEach(async () => {
    await Promise.all(fakes.splice(0).map((fake) => fake.stop()));
  });

  async function fakeObs(password = ''): Promise<FakeObs> {
    const fake = await FakeObs.start(password);
    fakes.push(fake);
    return fake;
  }

  function open(fake: FakeObs, password = ''): Promise<ObsConnection> {
    return ObsConnection.open({ host: '127.0.0.1', port: fake.port }, password, PATIENCE);
  }

  it('is let in with the password, and told in words without or with another', async () => {
    const fake = await fakeObs('right');
    const obs = await open(fake, 'right');
    expect(obs.version).toBe('29.0.2');
    obs.close();
    await expect(open(fake, 'wrong')).rejects.toMatchObject({ code: 'obs.refused' });
    await expect(open(fake)).rejects.toThrow('asks for a password');
  });

  it('tells an absent OBS from a server that is not OBS', async () => {
    const fake = await fakeObs();
    fake.greeting = 'noise';
    await expect(open(fake)).rejects.toMatchObject({ code: 'obs.unsupported' });
    fake.greeting = null;
    await expect(open(fake)).rejects.toMatchObject({ code: 'obs.unsupported' });
    const { port } = fake;
    await fakes.pop()!.stop();
    const absent = ObsConnection.open({ host: '127.0.0.1', port }, '', PATIENCE);
    await expect(absent).rejects.toMatchObject({ code: 'obs.absent' });
  });

  it.each(['has space', 'a/b', 'user@host', 'host?x', '#'])('refuses the host name "%s"', async (host) => {
    await expect(ObsConnection.open({ host, port: 4455 }, '')).rejects.toMatchObject({ code: 'obs.absent' });
  });

  it('bounds every wait: silence, nonsense and a closed line are all lost', async () => {
    const fake = await fakeObs();
    const obs = await open(fake);
    fake.override = () => 'silence';
    await expect(obs.call('GetSceneList')).rejects.toMatchObject({ code: 'obs.lost' });
    fake.override = () => 'nonsense';
    await expect(obs.call('GetSceneList')).rejects.toMatchObject({ code: 'obs.lost' });
    fake.override = () => {
      fake.drop();
      return 'silence';
    };
    await expect(obs.call('GetSceneList')).rejects.toMatchObject({ code: 'obs.lost' });
    await obs.closed;
    await expect(obs.call('GetSceneList')).rejects.toMatchObject({ code: 'obs.lost' });
  });

  it('hands on what OBS itself says it cannot do', async () => {
    const fake = await fakeObs();
    const obs = await open(fake);
    fake.override = () => ({ status: 604 });
    await expect(obs.call('StartVirtualCam')).rejects.toMatchObject({ status: 604 });
    obs.close();
  });
});

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { build } from 'vite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors';
import { emptyProject } from '../../contract/project';
import { ProgrammeBus } from '../outputs/programme-bus';
import { SessionLog } from '../studio/session-log';
import { sessionSecrets } from '../studio/session-secrets';
import { testStudio } from '../studio/testing';
import { claimInstance } from './instance';
import { LiveDesk } from './live-desk';
import { readShow } from './show/show-file';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fantascope-launch-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('claimInstance', () => {
  it('lets one studio in at a time and the next one after it', async () => {
    const release = await claimInstance(dir);
    await expect(claimInstance(dir)).rejects.toMatchObject({ code: 'instance.second' });
    await release();
    await (
      await claimInstance(dir)
    )();
  });

  it('takes over from a studio that was killed', async () => {
    const holder = `import { claimInstance } from ${JSON.stringify(pathToFileURL(await bundled('main/launch/instance.ts')).href)};
      await claimInstance(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((held) => child.stdout.once('data', held));
    await expect(claimInstance(dir)).rejects.toMatchObject({ code: 'instance.second' });
    const gone = new Promise((exit) => child.once('exit', exit));
    child.kill('SIGKILL');
    await gone;
    await (
      await claimInstance(dir)
    )();
  });
});

/** A source file bundled for a plain Node process. */
async function bundled(entry: string): Promise<string> {
  const outDir = join(dir, 'bundle');
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: resolve(import.meta.dirname, '..', '..', entry),
      outDir,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'entry.mjs' } },
    },
  });
  return join(outDir, 'entry.mjs');
}

describe('readShow', () => {
  const show = { version: 1, title: 'x', durationS: 5, project: emptyProject(), cues: [] as unknown[] };
  const write = async (value: unknown) => {
    const file = join(dir, 'show.json');
    await writeFile(file, JSON.stringify(value));
    return file;
  };

  it('makes media paths absolute, relative to the script', async () => {
    await writeFile(join(dir, 'clip.mp4'), 'x');
    const project = { ...emptyProject(), media: [{ id: 'm', name: 'clip', path: 'clip.mp4' }] };
    const read = await readShow(await write({ ...show, project }));
    expect(read.project.media[0]!.path).toBe(join(dir, 'clip.mp4'));
  });

  it.each([
    [
      'a missing file',
      { ...emptyProject(), media: [{ id: 'm', name: 'c', path: 'none.mp4' }] },
      [],
      'media.missing',
    ],
    [
      'a cue after the end',
      emptyProject(),
      [{ atS: 9, command: { type: 'recording.stop' } }],
      'show.invalid',
    ],
    ['an unknown command', emptyProject(), [{ atS: 1, command: { type: 'explode' } }], 'show.invalid'],
  ])('refuses %s', async (_, project, cues, code) => {
    await expect(readShow(await write({ ...show, project, cues }))).rejects.toMatchObject({ code });
  });

  it('answers any JSON with an error of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await expect(readShow(await write(value))).rejects.toBeInstanceOf(StudioError);
      }),
      { numRuns: 200 },
    );
  });
});

describe('SessionLog', () => {
  it('writes one JSON line an entry, secrets struck out', async () => {
    const log = new SessionLog(join(dir, 's.jsonl'), (text) => text.replaceAll('hunter2', '***'));
    log.write({ atUs: 1, kind: 'command', note: 'hunter2' });
    log.write({ atUs: 2, kind: 'end' });
    await log.close();
    const lines = (await readFile(log.file, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { atUs: 1, kind: 'command', note: '***' },
      { atUs: 2, kind: 'end' },
    ]);
  });

  it('survives a folder that is not there', async () => {
    const log = new SessionLog(join(dir, 'no', 's.jsonl'), (text) => text);
    await expect.poll(() => log.error).not.toBeNull();
    log.write({ atUs: 1, kind: 'end' });
    await log.close();
  });
});

describe('LiveDesk', () => {
  const destination = {
    id: 'd1',
    name: 'Server',
    protocol: 'rtmp',
    url: 'rtmp://127.0.0.1/app',
    audioBitrateKbps: 128,
  } as const;

  function desk() {
    const { studio } = testStudio({ ...emptyProject(), destinations: [destination] });
    const bus = new ProgrammeBus({ nowUs: () => 0, onKeyFrameNeeded: () => {} });
    const secrets = sessionSecrets();
    const live = new LiveDesk({
      studio,
      bus,
      secrets,
      ffmpeg: null,
      nowUs: () => 0,
      onChange: () => {},
      onLog: () => {},
    });
    return { studio, secrets, live };
  }

  it('keeps keys in the secret store and says only that there is one', async () => {
    const { studio, secrets, live } = desk();
    await live.setKey('d1', 'live_secret_123');
    expect(live.live()['d1']!.hasKey).toBe(true);
    expect(await secrets.get('destination-d1')).toContain('live_secret_123');
    expect(JSON.stringify([studio.state, live.live()])).not.toContain('live_secret_123');
    await live.setKey('d1', '');
    expect(live.live()['d1']!.hasKey).toBe(false);
  });

  it('does not send a key to a server it was not typed for', async () => {
    const { studio, live } = desk();
    await live.setKey('d1', 'live_secret_123');
    const patch = { url: 'rtmp://elsewhere.example/app' };
    studio.command({ command: { type: 'destination.update', destinationId: 'd1', patch }, inputUs: 0 });
    live.start('d1');
    await expect
      .poll(() => studio.state.notices.map((n) => n.error.code))
      .toEqual(['destination.key-missing']);
    expect(studio.state.notices[0]!.error.message).not.toContain('live_secret_123');
  });

  it('does not go live after it was stopped while its key was being unlocked', async () => {
    const { studio, live, secrets } = desk();
    await live.setKey('d1', 'live_secret_123');
    let unlock = (): void => {};
    const { get } = secrets;
    secrets.get = (name) => new Promise((done) => (unlock = () => void get(name).then(done)));
    live.start('d1');
    expect(live.live()['d1']!.state).toBe('connecting');
    await live.stop('d1');
    unlock();
    await new Promise((done) => setTimeout(done, 20));
    expect(live.live()['d1']!.state).toBe('idle');
    expect(studio.state.notices).toEqual([]);
  });

  it('says in words why it cannot go live, and leaves the programme alone', async () => {
    const { studio, live } = desk();
    live.start('d1');
    await expect
      .poll(() => studio.state.notices.map((n) => n.error.code))
      .toEqual(['destination.key-missing']);
    expect(live.live()['d1']!.state).toBe('idle');
  });
});

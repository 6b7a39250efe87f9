import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFile, type FetchOptions, type Wanted } from './fetch-file';
import { FileServer } from './testing/file-server';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const bytes = content.length;

describe('fetchFile', { timeout: 30_000 }, () => {
  let dir: string;
  let part: string;
  let server: FileServer;
  let url: string;
  let dispatcher: Agent;
  let stop: AbortController;
  let retries: string[];
  let done: number[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fantascope-fetch-'));
    part = join(dir, 'file.part');
    server = new FileServer();
    await server.start();
    url = server.add('weights.onnx', content);
    dispatcher = new Agent();
    stop = new AbortController();
    [retries, done] = [[], []];
  });
  afterEach(async () => {
    await dispatcher.destroy();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const options = (change: Partial<FetchOptions> = {}): FetchOptions => ({
    dispatcher,
    signal: stop.signal,
    voice: {
      progress: (doneBytes) => void done.push(doneBytes),
      retrying: (why) => void retries.push(why),
      verifying: () => {},
    },
    limits: { firstWaitMs: 1, stallMs: 150, stallBytes: 1000 },
    ...change,
  });
  const fetch = (wanted: Partial<Wanted> = {}, change: Partial<FetchOptions> = {}) =>
    fetchFile({ urls: [url], bytes, sha256, ...wanted }, part, options(change));

  it('brings a whole file and proves it', async () => {
    expect(await fetch()).toEqual({ bytes, sha256 });
    expect(await readFile(part)).toEqual(content);
    expect(done.at(-1)).toBe(bytes);
    expect(existsSync(`${part}.json`)).toBe(false);
  });

  it('learns size and hash of a file that no catalogue knew them of', async () => {
    expect(await fetch({ bytes: null, sha256: null })).toEqual({ bytes, sha256 });
  });

  it('goes on where the connection broke off, as often as it does', async () => {
    server.plan = [{ dropAfter: 100_000 }, { dropAfter: 50_000 }, {}];
    expect(await fetch()).toEqual({ bytes, sha256 });
    const froms = server.requests.map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
    expect(froms[0]).toBe(0);
    // What had arrived when it broke is not asked for again.
    expect(froms[1]).toBeGreaterThan(0);
    expect(froms[2]).toBeGreaterThan(froms[1]!);
    expect(retries).toHaveLength(2);
  });

  it('gives up after six tries that bring nothing, in words, and keeps what came', async () => {
    server.plan = [{ dropAfter: 70_000 }, { dropAfter: 0 }];
    await expect(fetch()).rejects.toMatchObject({
      code: 'model.download-failed',
      message: expect.stringMatching(/127\.0\.0\.1.* Try again later\./),
    });
    expect((await readFile(part)).length).toBeGreaterThan(0);
    server.plan = [{}];
    expect(await fetch()).toEqual({ bytes, sha256 });
    expect(server.requests.at(-1)).toMatch(/bytes=[1-9]/);
  });

  it('begins anew with a server that knows no ranges', async () => {
    server.plan = [{ dropAfter: 100_000 }, { ignoresRange: true }];
    expect(await fetch()).toEqual({ bytes, sha256 });
  });

  it('does not join halves of two versions', async () => {
    await writeFile(part, randomBytes(1000));
    await writeFile(`${part}.json`, JSON.stringify({ url, etag: '"v0"' }));
    expect(await fetch({ sha256: null })).toEqual({ bytes, sha256 });
  });

  it('fetches once more, whole, when what lay there belonged to another file', async () => {
    await writeFile(part, randomBytes(1000));
    expect(await fetch()).toEqual({ bytes, sha256 });
    expect(server.requests).toEqual(['GET /weights.onnx bytes=1000-', 'GET /weights.onnx']);
  });

  it('a part without a version or a hash to tell is not trusted', async () => {
    await writeFile(part, randomBytes(1000));
    expect(await fetch({ sha256: null, bytes: null })).toEqual({ bytes, sha256 });
    expect(server.requests).toEqual(['GET /weights.onnx']);
  });

  it('a part that is whole already is only proved', async () => {
    await writeFile(part, content);
    expect(await fetch()).toEqual({ bytes, sha256 });
    expect(server.requests).toEqual([]);
    expect(await fetch({ bytes: null })).toEqual({ bytes, sha256 });
    expect(server.requests).toEqual(['GET /weights.onnx bytes=300000-']);
  });

  it('refuses a server that lies about the length', async () => {
    server.plan = [{ contentLength: bytes + 7 }];
    await expect(fetch()).rejects.toMatchObject({
      code: 'model.download-failed',
      message: expect.stringContaining(`${bytes + 7} bytes where the catalogue says ${bytes}`),
    });
    expect(server.requests).toHaveLength(1);
    expect(existsSync(part)).toBe(false);
  });

  it('takes a promise that is too long for a broken line, and asks how long the file is', async () => {
    server.plan = [{ contentLength: bytes + 7 }];
    expect(await fetch({ bytes: null, sha256: null })).toEqual({ bytes, sha256 });
    expect(server.requests.at(-1)).toContain(`bytes=${bytes}-`);
  });

  it('deletes a corrupt file and asks the next mirror', async () => {
    const mirror = server.add('mirror.onnx', content);
    server.plan = [{ corrupt: true }, {}];
    expect(await fetch({ urls: [url, mirror] })).toEqual({ bytes, sha256 });
    expect(retries[0]).toContain('is not the file of the catalogue');
    expect(server.requests).toEqual(['GET /weights.onnx', 'GET /mirror.onnx']);
  });

  it('says so when every mirror has another file', async () => {
    server.plan = [{ corrupt: true }];
    await expect(fetch()).rejects.toMatchObject({ message: expect.stringContaining(`must be ${sha256}`) });
    expect(existsSync(part)).toBe(false);
  });

  it.each([404, 410, 401, 403])('does not ask a mirror again that answers %d', async (status) => {
    const mirror = server.add('mirror.onnx', content);
    server.plan = [{ status }, {}];
    expect(await fetch({ urls: [url, mirror] })).toEqual({ bytes, sha256 });
    expect(server.requests).toHaveLength(2);
  });

  it('asks again later where a server is busy', async () => {
    server.plan = [{ status: 503 }, { status: 429 }, {}];
    expect(await fetch()).toEqual({ bytes, sha256 });
    expect(retries).toHaveLength(2);
  });

  it('breaks off a line that brings next to nothing, and lives with a slow one', async () => {
    server.plan = [{ trickle: { bytes: 10, everyMs: 30 } }, { trickle: { bytes: 20_000, everyMs: 30 } }];
    expect(await fetch()).toEqual({ bytes, sha256 });
    expect(retries).toEqual([expect.stringContaining('next to nothing')]);
  });

  it('follows redirects, but not in circles, nor to where no file may come from', async () => {
    server.plan = [{ location: '/weights.onnx' }, {}];
    expect(await fetch()).toEqual({ bytes, sha256 });
    await rm(part);
    server.plan = [{ location: '/weights.onnx' }];
    await expect(fetch()).rejects.toMatchObject({ message: expect.stringContaining('more than 5 times') });
    for (const location of [
      'http://192.0.2.1/x',
      'file:///etc/passwd',
      'ftp://127.0.0.1/x',
      'http://user:pw@127.0.0.1/',
    ]) {
      server.plan = [{ location }];
      await expect(fetch()).rejects.toMatchObject({ message: expect.stringContaining('not https') });
    }
  });

  it('pauses at once, keeps what came and goes on with it', async () => {
    server.plan = [{ trickle: { bytes: 20_000, everyMs: 20 } }, {}];
    const paused = fetch(
      {},
      { voice: { ...options().voice, progress: (n) => n > 50_000 && stop.abort(new Error('paused')) } },
    );
    await expect(paused).rejects.toThrow('paused');
    const kept = (await readFile(part)).length;
    expect(kept).toBeGreaterThan(0);
    stop = new AbortController();
    expect(await fetch()).toEqual({ bytes, sha256 });
    expect(server.requests.at(-1)).toContain(`bytes=${kept}-`);
  });

  it('a disk that fills in the middle is said at once, and what came is kept', async () => {
    let written = 0;
    const openPart: FetchOptions['openPart'] = async (path, flags) => {
      const file = await open(path, flags);
      return {
        truncate: (length) => file.truncate(length),
        close: () => file.close(),
        write: (async (buffer: Buffer, offset: number, length: number, position: number) => {
          written += length;
          if (written > 100_000) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
          return file.write(buffer, offset, length, position);
        }) as Awaited<ReturnType<typeof open>>['write'],
      };
    };
    await expect(fetch({}, { openPart })).rejects.toMatchObject({
      code: 'model.disk-full',
      message: expect.stringContaining('is kept'),
    });
    expect(server.requests).toHaveLength(1);
    expect(await fetch()).toEqual({ bytes, sha256 });
  });
});

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openModel } from '../engines/runtime/model-store';
import type { ModelShelf } from './model-shelf';
import { GRAPH, listing, sha256Of, ShelfBench } from './testing/shelf-bench';

const WORDS = Buffer.from('{"words": []}');
const patience = { timeout: 20_000, interval: 10 };

describe('ModelShelf', { timeout: 60_000 }, () => {
  let bench: ShelfBench;
  beforeEach(async () => {
    bench = new ShelfBench();
    await bench.start();
  });
  afterEach(() => bench.dispose());

  const becomes = (shelf: ModelShelf, id: string, state: string) =>
    vi.waitFor(() => expect(listing(shelf, id).state).toBe(state), patience);

  /** A model of a graph and its words. */
  function twoFiles(id: string, change: object = {}, words = WORDS) {
    return {
      id,
      files: [
        { path: 'unet.onnx', url: bench.server.add('unet.onnx', GRAPH), content: GRAPH },
        { path: 'words.json', url: bench.server.add(`${id}.json`, words), content: words },
      ],
      ...change,
    };
  }

  it('fetches a model that engines can open, and knows it after a new start', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    expect(listing(shelf, 'a')).toMatchObject({
      state: 'absent',
      bytes: GRAPH.length + WORDS.length,
      haveBytes: 0,
    });
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'installed');
    const places = { modelsDir: bench.modelsDir, userModelsDir: bench.folder };
    const opened = await openModel(places, 'a');
    expect(readFileSync(opened.file('file_0'))).toEqual(GRAPH);
    await vi.waitFor(() => expect(shelf.shelf.usedBytes).toBeGreaterThanOrEqual(GRAPH.length), patience);
    expect(listing(await bench.open(), 'a').state).toBe('installed');
  });

  it('refuses at load what was changed after it was fetched, and verify finds it', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'installed');
    writeFileSync(join(bench.folder, 'models/a/unet.onnx'), Buffer.alloc(GRAPH.length));
    const places = { modelsDir: bench.modelsDir, userModelsDir: bench.folder };
    await expect(openModel(places, 'a')).rejects.toMatchObject({ code: 'model.corrupt' });
    await shelf.verify('a');
    expect(listing(shelf, 'a')).toMatchObject({ state: 'damaged', error: { code: 'model.corrupt' } });
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'installed');
    expect(readFileSync((await openModel(places, 'a')).file('file_0'))).toEqual(GRAPH);
    expect(bench.server.requests.filter((line) => line.includes('a.json'))).toHaveLength(1);
  });

  it('refuses in words what it knows no address of, before the terms and before anything is fetched', async () => {
    const model = twoFiles('a', { licence: { id: 'Custom', url: null, terms: 'Not for sale.' } });
    const files = model.files.map((file) => (file.path === 'words.json' ? { ...file, url: null } : file));
    bench.catalogue([{ ...model, files }]);
    const shelf = await bench.open();
    expect(listing(shelf, 'a')).toMatchObject({ state: 'absent', withoutAddress: ['words.json'] });
    await expect(shelf.download('a', true)).rejects.toMatchObject({
      code: 'model.no-address',
      message: 'No address is known of words.json. Get A from where it is published and import its folder.',
    });
    expect(bench.server.requests).toEqual([]);
    expect(listing(shelf, 'a')).toMatchObject({ state: 'absent', licence: { accepted: false } });
  });

  it('checks the files of what comes with the studio, and names what differs', async () => {
    bench.shipped([twoFiles('own')]);
    const shelf = await bench.open();
    expect(listing(shelf, 'own')).toMatchObject({ shipped: true, state: 'installed', checked: null });
    await shelf.verify('own');
    const bytes = GRAPH.length + WORDS.length;
    expect(listing(shelf, 'own')).toMatchObject({ state: 'installed', checked: { files: 2, bytes } });
    writeFileSync(join(bench.modelsDir, 'models/own/words.json'), 'something else');
    await shelf.verify('own');
    expect(listing(shelf, 'own')).toMatchObject({
      state: 'damaged',
      checked: null,
      error: {
        code: 'model.corrupt',
        message:
          'OWN: words.json is not as the catalogue says. The other files are right. Install Fantascope again: it comes with this model.',
      },
    });
    unlinkSync(join(bench.modelsDir, 'models/own/words.json'));
    await shelf.verify('own');
    expect(listing(shelf, 'own').error).toMatchObject({ code: 'model.missing' });
    writeFileSync(join(bench.modelsDir, 'models/own/words.json'), WORDS);
    await shelf.verify('own');
    expect(listing(shelf, 'own')).toMatchObject({ state: 'installed', error: null, checked: { files: 2 } });
    await expect(shelf.delete('own')).rejects.toMatchObject({ code: 'argument.invalid' });
  });

  it('asks for agreement to the terms, once', async () => {
    const licence = { id: 'Custom', url: 'https://example.org/l', terms: 'Not for sale.' };
    bench.catalogue([twoFiles('a', { licence })]);
    const shelf = await bench.open();
    await expect(shelf.download('a', false)).rejects.toMatchObject({ code: 'model.licence' });
    expect(bench.server.requests).toEqual([]);
    await shelf.download('a', true);
    await becomes(shelf, 'a', 'installed');
    expect(listing(await bench.open(), 'a').licence.accepted).toBe(true);
  });

  it('pauses, shows a half as paused after a new start, and goes on with it', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    bench.server.plan = [{ trickle: { bytes: 4000, everyMs: 30 } }];
    await shelf.download('a', false);
    await vi.waitFor(() => expect(listing(shelf, 'a').transfer?.doneBytes).toBeGreaterThan(4000), patience);
    await shelf.pause('a');
    expect(listing(shelf, 'a').state).toBe('paused');
    await shelf.close();
    const again = await bench.open();
    const half = listing(again, 'a');
    expect(half).toMatchObject({ state: 'paused' });
    expect(half.haveBytes).toBeGreaterThan(4000);
    bench.server.plan = [{}];
    await again.download('a', false);
    await becomes(again, 'a', 'installed');
    expect(bench.server.requests.some((line) => /unet\.onnx bytes=[1-9]/.test(line))).toBe(true);
  });

  it('cancelled, it leaves nothing behind', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    bench.server.plan = [{ trickle: { bytes: 4000, everyMs: 30 } }];
    await shelf.download('a', false);
    await vi.waitFor(() => expect(listing(shelf, 'a').transfer?.doneBytes).toBeGreaterThan(4000), patience);
    await shelf.cancel('a');
    expect(listing(shelf, 'a')).toMatchObject({ state: 'absent', haveBytes: 0 });
    expect(shelf.shelf.usedBytes).toBe(0);
  });

  it('says why a model could not be had, to whoever looks and to whoever does not', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    bench.server.plan = [{ status: 404 }];
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'failed');
    expect(listing(shelf, 'a').error).toMatchObject({
      code: 'model.download-failed',
      message: expect.stringContaining('answered 404'),
    });
    expect(bench.failed).toHaveLength(1);
    bench.server.plan = [{}];
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'installed');
  });

  it('refuses before it begins what the disk has no room for', async () => {
    bench.catalogue([twoFiles('a')]);
    bench.freeBytes = 1e6;
    const shelf = await bench.open();
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'failed');
    expect(listing(shelf, 'a').error).toMatchObject({ code: 'model.disk-full' });
    expect(bench.server.requests).toEqual([]);
  });

  it('models that share a file have it once, and deleting one leaves it to the other', async () => {
    bench.catalogue([twoFiles('a'), twoFiles('b', {}, Buffer.from('{"words": ["b"]}'))]);
    const shelf = await bench.open();
    await shelf.download('a', false);
    await shelf.download('b', false);
    await becomes(shelf, 'a', 'installed');
    await becomes(shelf, 'b', 'installed');
    expect(bench.server.requests.filter((line) => line.includes('unet.onnx'))).toHaveLength(1);
    const [of, beside] = ['a', 'b'].map((id) => statSync(join(bench.folder, 'models', id, 'unet.onnx')));
    expect(of!.ino).toBe(beside!.ino);
    expect(shelf.shelf.usedBytes).toBeLessThan(2 * GRAPH.length);
    await shelf.delete('a');
    expect(listing(shelf, 'a').state).toBe('absent');
    await shelf.verify('b');
    expect(listing(shelf, 'b').state).toBe('installed');
    await shelf.delete('b');
    expect(existsSync(join(bench.folder, 'blobs', sha256Of(GRAPH)))).toBe(false);
  });

  it('does not delete what is in use, nor what comes with the studio', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'installed');
    bench.inUse.add('a');
    await expect(shelf.delete('a')).rejects.toMatchObject({ code: 'model.in-use' });
    await expect(shelf.delete('nothing')).rejects.toMatchObject({ code: 'model.missing' });
  });

  it('remembers the hash of a file that no catalogue knew, and holds later ones against it', async () => {
    const url = bench.server.add('unet.onnx', GRAPH);
    bench.catalogue([{ id: 'a', files: [{ path: 'unet.onnx', url, content: GRAPH, hash: false }] }]);
    const shelf = await bench.open();
    expect(listing(shelf, 'a')).toMatchObject({ hashesKnown: false, bytes: null });
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'installed');
    expect(listing(shelf, 'a').bytes).toBe(GRAPH.length);
    await shelf.delete('a');
    bench.server.plan = [{ corrupt: true }];
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'failed');
    expect(listing(shelf, 'a').error?.message).toContain('is not the file of the catalogue');
  });

  it('installs no graph that could harm, whole as it may be', async () => {
    const broken = GRAPH.subarray(0, GRAPH.length - 100);
    const url = bench.server.add('unet.onnx', broken);
    bench.catalogue([{ id: 'a', files: [{ path: 'unet.onnx', url, content: broken }] }]);
    const shelf = await bench.open();
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'failed');
    expect(listing(shelf, 'a').error?.code).toBe('model.corrupt');
    expect(existsSync(join(bench.folder, 'models/a'))).toBe(false);
  });

  it('two windows that ask for the same model fetch it once', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    bench.server.plan = [{ trickle: { bytes: 8000, everyMs: 10 } }, {}];
    await Promise.all([shelf.download('a', false), shelf.download('a', false)]);
    await becomes(shelf, 'a', 'installed');
    expect(bench.server.requests).toHaveLength(2);
  });

  it('waits for another process that fetches the same file, and takes over from one that died', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    const part = join(bench.folder, 'parts', `${sha256Of(GRAPH)}.part`);
    await mkdir(join(bench.folder, 'parts'), { recursive: true });
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    writeFileSync(`${part}.lock`, String(other.pid));
    await shelf.download('a', false);
    await vi.waitFor(
      () => expect(listing(shelf, 'a').transfer?.retrying).toContain('Another Fantascope'),
      patience,
    );
    expect(bench.server.requests).toEqual([]);
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    await becomes(shelf, 'a', 'installed');
  });

  it('two shelves on one folder end with one whole model', async () => {
    bench.catalogue([twoFiles('a')]);
    const [one, two] = [await bench.open(), await bench.open()];
    bench.server.plan = [{ trickle: { bytes: 8000, everyMs: 20 } }, {}];
    await Promise.all([one.download('a', false), two.download('a', false)]);
    await becomes(one, 'a', 'installed');
    await becomes(two, 'a', 'installed');
    await one.verify('a');
    expect(listing(one, 'a').state).toBe('installed');
  });

  it('reads past what is wrong in a catalogue, and says what that is', async () => {
    const climbs = { ...twoFiles('c'), folder: '../outside' };
    const plain = twoFiles('d');
    plain.files[0]!.url = 'http://192.0.2.1/unet.onnx';
    bench.catalogue([{ id: 'no files' }, twoFiles('a'), climbs, twoFiles('a'), plain]);
    const shelf = await bench.open();
    expect(shelf.shelf.models.map(({ id }) => id)).toEqual(['a']);
    expect(bench.logged).toHaveLength(4);
    expect(bench.logged.join('\n')).toMatch(/id "a" is taken/);
    writeFileSync(join(bench.modelsDir, 'public-models.json'), '{ "version": 1, "mod');
    expect((await bench.open()).shelf.models).toEqual([]);
    expect(bench.logged.at(-1)).toContain('must be JSON');
  });

  it('says what fits before anything is fetched', async () => {
    bench.catalogue([twoFiles('a'), twoFiles('big', { tier: '24gb' })]);
    const shelf = await bench.open();
    expect(listing(shelf, 'a').fit).toMatchObject({ verdict: 'fits', predictedFps: null });
    expect(listing(shelf, 'big').fit.verdict).toBe('tight');
  });

  it('goes through the proxy of the environment', async () => {
    bench.catalogue([twoFiles('a')]);
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', ({ url = '' }, client) => {
      tunnels.push(url);
      const [host, port] = url.split(':');
      const through = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(client).pipe(through);
      });
      for (const end of [through, client]) end.on('error', () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${port}`);
    vi.stubEnv('http_proxy', `http://127.0.0.1:${port}`);
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('no_proxy', '');
    try {
      const shelf = await bench.open({ dispatcher: undefined });
      await shelf.download('a', false);
      await becomes(shelf, 'a', 'installed');
      expect(tunnels[0]).toMatch(/^127\.0\.0\.1:/);
      await shelf.close();
    } finally {
      vi.unstubAllEnvs();
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it('tells of changes at most four times a second', async () => {
    bench.catalogue([twoFiles('a')]);
    const shelf = await bench.open();
    let told = 0;
    const startMs = performance.now();
    const stop = shelf.onChange(() => told++);
    bench.server.plan = [{ trickle: { bytes: 500, everyMs: 10 } }, {}];
    await shelf.download('a', false);
    await becomes(shelf, 'a', 'installed');
    stop();
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(1 + (performance.now() - startMs) / 250);
  });
});

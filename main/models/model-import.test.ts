import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tar from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModel } from '../engines/runtime/model-store';
import type { ModelShelf } from './model-shelf';
import { GRAPH, listing, sha256Of, ShelfBench } from './testing/shelf-bench';

const WORDS = Buffer.from('{"words": []}');

describe('importModels', { timeout: 30_000 }, () => {
  let bench: ShelfBench;
  let shelf: ModelShelf;
  let home: string;
  beforeEach(async () => {
    bench = new ShelfBench();
    await bench.start();
    bench.catalogue([
      {
        id: 'known',
        files: [
          { path: 'unet.onnx', url: null, content: GRAPH },
          { path: 'words.json', url: null, content: WORDS },
        ],
      },
    ]);
    shelf = await bench.open();
    home = join(bench.dir, 'mine');
    mkdirSync(home);
  });
  afterEach(() => bench.dispose());

  const put = (name: string, content: Buffer | string) => writeFileSync(join(home, name), content);
  function entry(change: object = {}): string {
    const file = { role: 'unet', path: 'unet.onnx', bytes: GRAPH.length, sha256: sha256Of(GRAPH) };
    return JSON.stringify({
      id: 'mine',
      name: 'Mine',
      task: 'animate',
      contract: 'animate',
      version: '2',
      licence: 'MIT',
      source: 'my own',
      tier: 'cpu',
      folder: 'models/mine',
      files: [file],
      ...change,
    });
  }
  const refused = (path: string, words: string | RegExp, code = 'model.import-failed') =>
    expect(shelf.import(path, null)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });

  it('recognises a model of the catalogue by its files, whatever they are called', async () => {
    put('renamed.onnx', GRAPH);
    put('words (1).json', WORDS);
    expect(await shelf.import(home, null)).toEqual(['known']);
    expect(listing(shelf, 'known').state).toBe('installed');
    const places = { modelsDir: bench.modelsDir, userModelsDir: bench.folder };
    expect((await openModel(places, 'known')).file('file_0')).toMatch(/unet\.onnx$/);
    // The user's own files are where they were.
    expect(existsSync(join(home, 'renamed.onnx'))).toBe(true);
  });

  it('takes in a model that describes itself, and lists it after a new start', async () => {
    put('unet.onnx', GRAPH);
    put('model.json', entry());
    expect(await shelf.import(home, null)).toEqual(['mine']);
    expect(listing(await bench.open(), 'mine')).toMatchObject({
      state: 'installed',
      name: 'Mine',
      shipped: false,
    });
    await shelf.delete('mine');
    expect(shelf.shelf.models.map(({ id }) => id)).toEqual(['known']);
  });

  it('takes in the model that is meant by its paths, and says which file is missing', async () => {
    const file = (path: string, content: Buffer) => ({ path, url: null, content, hash: false });
    const files = [file('unet/model.onnx', GRAPH), file('words.json', WORDS), file('merges.txt', WORDS)];
    bench.catalogue([{ id: 'pathed', files }]);
    const open = await bench.open();
    expect(listing(open, 'pathed').withoutAddress).toEqual(['unet/model.onnx', 'words.json', 'merges.txt']);
    mkdirSync(join(home, 'export/unet'), { recursive: true });
    put('export/unet/model.onnx', GRAPH);
    put('export/words.json', WORDS);
    // By hash or size nothing can be recognised: none is known.
    await expect(open.import(home, null)).rejects.toMatchObject({ code: 'model.import-failed' });
    await expect(open.import(home, 'pathed')).rejects.toMatchObject({
      code: 'model.import-failed',
      message: expect.stringContaining('lacks merges.txt of PATHED'),
    });
    put('export/merges.txt', WORDS);
    expect(await open.import(home, 'pathed')).toEqual(['pathed']);
    expect(listing(open, 'pathed')).toMatchObject({
      state: 'installed',
      bytes: GRAPH.length + 2 * WORDS.length,
    });
    await open.delete('pathed');
    expect(listing(open, 'pathed').state).toBe('absent');
    // What came first is what is believed in from then on.
    put('export/words.json', '{"words": ["other"]}');
    await expect(open.import(home, 'pathed')).rejects.toMatchObject({ code: 'model.corrupt' });
  });

  it('mends what rotted, when the same is taken in again', async () => {
    put('unet.onnx', GRAPH);
    put('words.json', WORDS);
    await shelf.import(home, 'known');
    writeFileSync(join(bench.folder, 'models/known/unet.onnx'), Buffer.alloc(GRAPH.length));
    await shelf.verify('known');
    expect(listing(shelf, 'known')).toMatchObject({
      state: 'damaged',
      error: { code: 'model.corrupt', message: expect.stringContaining('Import the model again.') },
    });
    await shelf.import(home, 'known');
    expect(listing(shelf, 'known').state).toBe('installed');
    await shelf.verify('known');
    expect(listing(shelf, 'known')).toMatchObject({ state: 'installed', checked: { files: 2 } });
  });

  it('takes in a bundle of models', async () => {
    put('unet.onnx', GRAPH);
    put('model.json', entry());
    const bundle = join(bench.dir, 'bundle.tar.gz');
    await tar.create({ file: bundle, cwd: home, gzip: true }, ['.']);
    expect(await shelf.import(bundle, null)).toEqual(['mine']);
  });

  it('says what it cannot take', async () => {
    await refused(join(bench.dir, 'nowhere'), 'must be a folder or a bundle');
    put('notes.txt', 'nothing');
    await refused(home, 'has no model.json');
    put('model.json', '{ "id": ');
    await refused(home, 'must be JSON');
    put('model.json', entry({ files: [] }));
    await refused(home, 'does not describe a model: files');
    put('model.json', entry());
    await refused(home, 'must have the file unet.onnx beside it');
  });

  it('takes in nothing that was swapped, cut off, or climbs out of its folder', async () => {
    put('model.json', entry());
    put('unet.onnx', Buffer.alloc(GRAPH.length));
    await refused(home, 'must have SHA-256', 'model.corrupt');
    const cut = GRAPH.subarray(0, 1000);
    put('unet.onnx', cut);
    put('model.json', entry({ files: [{ role: 'unet', path: 'unet.onnx' }] }));
    await expect(shelf.import(home, null)).rejects.toMatchObject({ code: 'model.corrupt' });
    put('model.json', entry({ files: [{ role: 'unet', path: '../../secret' }] }));
    await refused(home, 'files.0.path');
    put('model.json', entry({ folder: '/etc' }));
    await refused(home, 'folder');
    expect(existsSync(join(bench.folder, 'models/mine'))).toBe(false);
  });

  it('does not let another model take the name of one that is known', async () => {
    put('unet.onnx', GRAPH);
    put('model.json', entry({ id: 'known' }));
    await refused(home, 'the catalogue has another of that name');
  });

  it('follows no links', async () => {
    writeFileSync(join(bench.dir, 'outside.onnx'), GRAPH);
    symlinkSync(join(bench.dir, 'outside.onnx'), join(home, 'unet.onnx'));
    put('model.json', entry());
    await refused(home, 'must have the file unet.onnx');
  });

  it('unpacks no bundle that leads out, holds links, or unfolds to more than there is room for', async () => {
    const bundle = join(bench.dir, 'bad.tar');
    symlinkSync('/etc/passwd', join(home, 'link'));
    await tar.create({ file: bundle, cwd: home }, ['link']);
    await refused(bundle, 'which is a SymbolicLink');
    put('unet.onnx', GRAPH);
    await tar.create({ file: bundle, cwd: home, preservePaths: true }, ['../mine/unet.onnx']);
    await refused(bundle, 'leads out of it');
    put('zeros.bin', Buffer.alloc(5_000_000));
    const bomb = join(bench.dir, 'bomb.tar.gz');
    await tar.create({ file: bomb, cwd: home, gzip: true }, ['zeros.bin']);
    bench.freeBytes = 1_000_000;
    await refused(bomb, 'unfolds to more than');
    writeFileSync(bundle, Buffer.alloc(3000, 7));
    await refused(bundle, 'could not be unpacked|no model.json');
  });
});

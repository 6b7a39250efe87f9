import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TINY_MODEL, TINY_MODELS_DIR, copyOf } from '../testing/fixtures';
import { openModel } from './model-store';

describe('openModel', () => {
  let copy: ReturnType<typeof copyOf>;
  beforeEach(() => (copy = copyOf(TINY_MODELS_DIR)));
  afterEach(() => copy.dispose());
  const at = (path: string) => join(copy.dir, path);
  const rewrite = (path: string, change: (text: string) => string) =>
    writeFileSync(at(path), change(readFileSync(at(path), 'utf8')));

  it('finds every file of a whole model by its role', async () => {
    const verified = await openModel(copy.dir, TINY_MODEL);
    expect(verified.file('unet')).toBe(at('models/animate/unet.onnx'));
    expect(() => verified.file('depth')).toThrow(/role "depth"/);
  });

  it('one flipped bit is found, with the expected and the found hash', async () => {
    const path = at('models/animate/unet.onnx');
    const bytes = readFileSync(path);
    const expected = JSON.parse(readFileSync(at('catalogue.json'), 'utf8')).models[0].files.find(
      (file: { role: string }) => file.role === 'unet',
    ).sha256;
    bytes[12_345] = bytes[12_345]! ^ 1;
    writeFileSync(path, bytes);
    const refusal = expect(openModel(copy.dir, TINY_MODEL)).rejects;
    await refusal.toMatchObject({ code: 'model.corrupt' });
    await expect(openModel(copy.dir, TINY_MODEL)).rejects.toThrow(
      new RegExp(`unet\\.onnx must have SHA-256 ${expected}.*found [0-9a-f]{64}`),
    );
  });

  it('a truncated file is corrupt, an absent one missing', async () => {
    truncateSync(at('models/animate/codec_decoder.onnx'), 100);
    await expect(openModel(copy.dir, TINY_MODEL)).rejects.toMatchObject({ code: 'model.corrupt' });
    rmSync(at('models/animate/codec_encoder.onnx'));
    await expect(openModel(copy.dir, TINY_MODEL)).rejects.toMatchObject({
      code: 'model.missing',
      message: expect.stringContaining('codec_encoder.onnx'),
    });
  });

  it('an unknown model is missing and the known ones are named', async () => {
    await expect(openModel(copy.dir, 'sdxl')).rejects.toMatchObject({
      code: 'model.missing',
      message: expect.stringContaining(TINY_MODEL),
    });
  });

  it('a catalogue that is absent is missing; one that is not JSON or does not fit is corrupt', async () => {
    rewrite('catalogue.json', (text) => text.replace('"version": 1', '"version": 9'));
    await expect(openModel(copy.dir, TINY_MODEL)).rejects.toMatchObject({
      code: 'model.corrupt',
      message: expect.stringContaining('version'),
    });
    rewrite('catalogue.json', () => '{');
    await expect(openModel(copy.dir, TINY_MODEL)).rejects.toMatchObject({ code: 'model.corrupt' });
    rmSync(at('catalogue.json'));
    await expect(openModel(copy.dir, TINY_MODEL)).rejects.toMatchObject({ code: 'model.missing' });
  });

  it.each(['../unet.onnx', '/etc/passwd', 'a/../../b', 'C:\\x', './a', 'a//b'])(
    'a catalogue cannot lead out of the models folder: %s',
    async (path) => {
      rewrite('catalogue.json', (text) => text.replace('"unet.onnx"', JSON.stringify(path)));
      await expect(openModel(copy.dir, TINY_MODEL)).rejects.toMatchObject({ code: 'model.corrupt' });
    },
  );
});

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TINY_LOOK_AHEADS, TINY_TOKENS, tinyCaptionsFile } from '../../testing/captions-fixtures';
import { SHIPPED_MODELS_DIR } from '../../testing/fixtures';
import { PUBLIC_MODELS_DIR, readContract } from '../../testing/public-fixtures';
import type { Model } from '../model-catalogue';
import type { Contract } from '../model-contract';
import { findFiles, proveFiles } from './prove-files';
import { proveModel } from './prove-model';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'fantascope-proof-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A path in a copy of the random-weight models, each of which is made when it is first asked for. */
const at = (folder: string, ...path: string[]) => {
  const [model, ...rest] = [...folder.split('/'), ...path];
  const [from, to] = [join(PUBLIC_MODELS_DIR, model!), join(dir, model!)];
  if (existsSync(from) && !existsSync(to)) cpSync(from, to, { recursive: true });
  return join(to, ...rest);
};
const broken = (name: string, ...to: string[]) =>
  cpSync(join(PUBLIC_MODELS_DIR, 'broken', name), at(to[0]!, ...to.slice(1)));
const prove = (contract: string | Contract, folder: string) => {
  const read = typeof contract === 'string' ? readContract(contract) : contract;
  return proveModel(read, findFiles(read, at(folder)));
};
const refusal = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

describe('the models that are shipped', () => {
  const { models } = JSON.parse(readFileSync(join(SHIPPED_MODELS_DIR, 'catalogue.json'), 'utf8')) as {
    models: Model[];
  };
  it.each(models.map((model) => [model.id, model] as const))('prove %s', async (_, model) => {
    const contract = readContract(model.contract);
    const files = model.files.map(
      ({ role, path }) => [role, join(SHIPPED_MODELS_DIR, model.folder, path)] as const,
    );
    const { graphs } = await proveModel(contract, new Map(files));
    expect(graphs.map(({ role }) => role)).toEqual(
      contract.files.filter(({ inputs }) => inputs.length > 0).map(({ role }) => role),
    );
  });
});

describe('our captions models', () => {
  const contract = readContract('nemo-ctc-streaming');
  const captions = join(SHIPPED_MODELS_DIR, 'models/captions');

  it('are of the public contract too', async () => {
    const { sizes } = await proveModel(contract, findFiles(contract, captions));
    expect(sizes).toMatchObject({ R: 1, T: 25, Cl: 70, F: 80 });
  });

  it.each(TINY_LOOK_AHEADS)('with a look-ahead of %i as well', async (lookAhead) => {
    const files = new Map([
      ['model', tinyCaptionsFile(lookAhead)],
      ['tokens', TINY_TOKENS],
    ]);
    const { sizes } = await proveModel(contract, files);
    expect(sizes).toMatchObject({ R: lookAhead, T: 8 * lookAhead + 17 });
  });
});

describe('proveModel refuses, in words,', () => {
  it.each([1, 50, 300, 700, 1200])('a graph that is cut after %i bytes', async (bytes) => {
    truncateSync(at('sd15-lcm/unet/model.onnx'), bytes);
    await expect(prove('stable-diffusion', 'sd15-lcm')).rejects.toMatchObject({
      code: 'model.corrupt',
    });
  });

  it('the U-Net in the place of the decoder, and says what it is', async () => {
    cpSync(at('sd15-scalar/unet/model.onnx'), at('sd15-scalar/vae_decoder/model.onnx'));
    await expect(prove('stable-diffusion', 'sd15-scalar')).rejects.toMatchObject(
      refusal('model.contract', /vae_decoder.*latent_sample.*looks like the graph "unet"/s),
    );
  });

  it('the text encoder of another family: its width is not the U-Net’s', async () => {
    cpSync(at('sd-turbo/text_encoder/model.onnx'), at('sd15-lcm/text_encoder/model.onnx'));
    await expect(prove('stable-diffusion', 'sd15-lcm')).rejects.toMatchObject(
      refusal('model.contract', /unet.*D = 1024 \(last_hidden_state of.*text_encoder.*found.*77|768/s),
    );
  });

  it('a model of the older family as SD-Turbo', async () => {
    await expect(prove('sd-turbo', 'sd15-lcm')).rejects.toMatchObject(
      refusal('model.contract', /text_encoder.*D = 1024; found last_hidden_state.*768/s),
    );
  });

  it.each<[string, string, string, RegExp]>([
    [
      'an input of another name',
      'renamed.onnx',
      'sd15-lcm/vae_decoder',
      /latent_sample \(or latent\).*found z /,
    ],
    [
      'another rank',
      'wrong-rank.onnx',
      'sd15-lcm/vae_decoder',
      /\[B, 4, h, w\].*found latent_sample float32\[B, 4, 1, h, w\]/,
    ],
    [
      'results that are no numbers',
      'not-numbers.onnx',
      'modnet',
      /must give numbers as output, found 6144 of 6144/,
    ],
    ['results beyond their range', 'beyond-range.onnx', 'modnet', /output within 0 to 1; found -/],
    [
      'lengths that no machine holds',
      'huge.onnx',
      'upscale-x2',
      /at most 67108864 numbers together; found lengths/,
    ],
    [
      'fewer tokens than it claims, as declared',
      'vocabulary-declared.onnx',
      'nemo-ctc',
      /V\+1\] with.*V = 1024 \(its metadata vocab_size\); found.*7\]/,
    ],
    [
      'fewer tokens than it claims, as a run shows',
      'vocabulary-free.onnx',
      'nemo-ctc',
      /V\+1\]; found .*7\]/,
    ],
    ['a window that is none', 'window.onnx', 'nemo-ctc', /8R\+17.*metadata window_size; found "30"/],
  ])('%s', async (_, file, folder, message) => {
    const contract = {
      'sd15-lcm/vae_decoder': 'stable-diffusion',
      modnet: 'matting-modnet',
      'upscale-x2': 'upscale-compact',
      'nemo-ctc': 'nemo-ctc-streaming',
    }[folder]!;
    // Tokens are not the matter here.
    if (folder === 'nemo-ctc') writeFileSync(at('nemo-ctc/tokens.txt'), 'a\n'.repeat(1025));
    broken(file, folder, 'model.onnx');
    await expect(prove(contract, folder.split('/')[0]!)).rejects.toMatchObject({
      code: expect.stringMatching(/^model\.(contract|corrupt)$/),
      message: expect.stringMatching(message),
    });
  });

  it('weights outside the model’s folder, before anything is loaded', () => {
    writeFileSync(at('outside.bin'), new Uint8Array(64));
    broken('climbs.onnx', 'modnet', 'model.onnx');
    const contract = readContract('matting-modnet');
    const refused = refusal('model.corrupt', /beside it.*outside\.bin/);
    expect(() => proveFiles(contract, findFiles(contract, at('modnet')))).toThrow(
      expect.objectContaining(refused),
    );
  });

  it('weights that a link leads out of the folder', async () => {
    writeFileSync(at('outside.bin'), readFileSync(at('sd15-lcm/unet/model.onnx_data')));
    rmSync(at('sd15-lcm/unet/model.onnx_data'));
    symlinkSync(at('outside.bin'), at('sd15-lcm/unet/model.onnx_data'));
    await expect(prove('stable-diffusion', 'sd15-lcm')).rejects.toMatchObject(
      refusal('model.corrupt', /own folder.*link/),
    );
  });

  it('weights that are not there, or cut', async () => {
    truncateSync(at('sd15-lcm/unet/model.onnx_data'), 9000);
    await expect(prove('stable-diffusion', 'sd15-lcm')).rejects.toMatchObject(
      refusal('model.corrupt', /within the 9000/),
    );
    rmSync(at('sd15-lcm/unet/model.onnx_data'));
    await expect(prove('stable-diffusion', 'sd15-lcm')).rejects.toMatchObject({ code: 'model.missing' });
  });

  it('a file that is not there, one that is no JSON, and a wrong number of tokens', async () => {
    rmSync(at('nemo-transducer/joiner.onnx'));
    await expect(prove('nemo-transducer-streaming', 'nemo-transducer')).rejects.toMatchObject(
      refusal('model.missing', /"joiner" \(joiner\.onnx\)/),
    );
    writeFileSync(at('sd-turbo/tokenizer/vocab.json'), '{"a": ');
    await expect(prove('sd-turbo', 'sd-turbo')).rejects.toMatchObject(
      refusal('model.corrupt', /tokenizer_vocab.*JSON/),
    );
    writeFileSync(at('nemo-ctc/tokens.txt'), '<blk> 0');
    await expect(prove('nemo-ctc-streaming', 'nemo-ctc')).rejects.toMatchObject(
      refusal('model.contract', /7 lines \(V\+1\).*found 1\./),
    );
  });

  it('a folder in the place of a file', async () => {
    rmSync(at('modnet/model.onnx'));
    mkdirSync(at('modnet/model.onnx'));
    await expect(prove('matting-modnet', 'modnet')).rejects.toMatchObject({ code: 'model.missing' });
  });

  it('a length that it needs and nothing settles', async () => {
    const contract = structuredClone(readContract('nemo-ctc-streaming'));
    const [model] = contract.files;
    model!.metadata = model!.metadata!.filter(({ key }) => !key.startsWith('cache_last_time'));
    await expect(prove(contract, 'nemo-ctc')).rejects.toMatchObject(
      refusal('model.contract', /fixed for Ct of cache_last_time; found a free one/),
    );
  });

  it('a codec that gives none of the latents it may give', async () => {
    const contract = structuredClone(readContract('stable-diffusion'));
    const encoder = contract.files.find(({ role }) => role === 'vae_encoder')!;
    encoder.exactlyOne = [['latent_sample']];
    await expect(prove(contract, 'sd15-lcm')).rejects.toMatchObject(
      refusal('model.contract', /exactly one of latent_sample; found none/),
    );
  });

  it('whatever bytes a header holds, and never runs on', () => {
    const whole = readFileSync(at('nemo-ctc/model.onnx'));
    const contract = readContract('nemo-ctc-streaming');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (place, byte) => {
        writeFileSync(at('nemo-ctc/model.onnx'), whole.with(place, byte));
        try {
          proveFiles(contract, findFiles(contract, at('nemo-ctc')));
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^model\./) });
        }
      }),
      { numRuns: 300 },
    );
  });
});

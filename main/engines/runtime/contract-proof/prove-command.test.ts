import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODELS_DIR } from '../../testing/fixtures';
import { PUBLIC_MODELS_DIR } from '../../testing/public-fixtures';
import { proveCommand } from './prove-command';

describe('the command prove', () => {
  const contracts = join(SHIPPED_MODELS_DIR, 'contracts');
  const prove = async (...args: string[]) => {
    const lines: string[] = [];
    const status = await proveCommand(args, contracts, (line) => lines.push(line));
    return { status, words: lines.join('\n') };
  };
  const folder = (name: string) => join(PUBLIC_MODELS_DIR, name);

  it('names each graph of a model that fits, as it is used', async () => {
    const { status, words } = await prove('stable-diffusion', folder('sd15-fp16'));
    expect(status).toBe(0);
    expect(words).toMatch(/unet .*timestep int64\[B\].*→ out_sample float16\[B, 4, h, w\]/);
    expect(words).toMatch(/✔.*one run of each graph/);
  });

  it('takes a contract by its path, and runs nothing when asked so', async () => {
    const { status, words } = await prove(join(contracts, 'taesd.json'), folder('taesd'), '--headers');
    expect(status).toBe(0);
    expect(words).toMatch(/nothing was run/);
  });

  it('says with code and words what does not fit', async () => {
    expect(await prove('taesd', folder('modnet'))).toEqual({
      status: 1,
      words: expect.stringMatching(/^✖ model\.missing: .*"vae_encoder"/),
    });
    expect(await prove('noise-vectors', folder('modnet'))).toEqual({
      status: 2,
      words: expect.stringMatching(/one of animate, binaural, captions, .*; got "noise-vectors"/),
    });
    expect(await prove('/no/such/contract.json', folder('modnet'))).toMatchObject({ status: 1 });
  });

  it.each([[[]], [['taesd']], [['taesd', 'a', 'b']], [['taesd', 'a', '--fast']]])(
    'answers %j with its usage',
    async (args) => {
      expect(await prove(...args)).toEqual({ status: 2, words: expect.stringMatching(/^Usage/) });
    },
  );
});

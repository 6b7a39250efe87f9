import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODELS_DIR } from '../../testing/fixtures';
import { readContract } from '../../testing/public-fixtures';

const name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const place = v.pipe(
  v.string(),
  v.maxLength(512),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/),
);
const address = v.pipe(v.string(), v.url(), v.startsWith('https://'));
const text = v.pipe(v.string(), v.minLength(1));
/** As the downloader reads it: nothing more, nothing less. */
const PublicModelSchema = v.strictObject({
  id: name,
  name: text,
  task: name,
  contract: name,
  version: text,
  licence: v.strictObject({ id: text, url: address, terms: v.optional(text) }),
  source: address,
  tier: v.picklist(['cpu', '8gb', '24gb', '80gb']),
  languages: v.array(v.pipe(v.string(), v.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/))),
  folder: place,
  files: v.pipe(
    v.array(
      v.strictObject({
        role: name,
        path: place,
        bytes: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
        sha256: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
        urls: v.array(address),
      }),
    ),
    v.minLength(1),
    v.maxLength(64),
  ),
  note: v.optional(text),
  cost: v.nullable(v.strictObject({ gflops: v.number(), of: text })),
});
const CatalogueSchema = v.strictObject({ version: v.literal(1), models: v.array(PublicModelSchema) });

const read = (file: string): unknown => JSON.parse(readFileSync(join(SHIPPED_MODELS_DIR, file), 'utf8'));
const { models } = v.parse(CatalogueSchema, read('public-models.json'));

describe('public-models.json', () => {
  it('has ids and folders of its own, other than those of the shipped models', () => {
    const shipped = read('catalogue.json') as { models: { id: string; folder: string }[] };
    const all = [...models, ...shipped.models];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(models.map(({ folder }) => folder)).size).toBe(models.length);
    const own = new Set(shipped.models.map(({ folder }) => folder));
    expect(models.filter(({ folder }) => own.has(folder))).toEqual([]);
  });

  it('has a model of each public contract', () => {
    expect([...new Set(models.map(({ contract }) => contract))].sort()).toEqual([
      'matting-modnet',
      'nemo-ctc-streaming',
      'nemo-transducer-streaming',
      'sd-turbo',
      'stable-diffusion',
      'taesd',
      'upscale-compact',
    ]);
  });

  it.each(models.map((model) => [model.id, model] as const))(
    '%s has the files that its contract asks for, where it looks for them',
    (_, { contract: contractName, files }) => {
      expect(existsSync(join(SHIPPED_MODELS_DIR, 'contracts', `${contractName}.json`))).toBe(true);
      const contract = readContract(contractName);
      const roles = files.map(({ role }) => role);
      expect(new Set(roles).size).toBe(roles.length);
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      const needed = contract.files.filter(({ optional }) => !optional).map(({ role }) => role);
      expect(needed.filter((role) => !roles.includes(role))).toEqual([]);
      for (const { role, path } of files) {
        const spec = contract.files.find((file) => file.role === role);
        expect([spec?.file, ...(spec?.others ?? [])], role).toContain(path);
      }
    },
  );

  it('says in a note what is not known; no hash and no address of a model is there twice', () => {
    for (const { id, files, note } of models) {
      const unknown = files.some(
        ({ bytes, sha256, urls }) => bytes === null || sha256 === null || urls.length === 0,
      );
      if (unknown) expect(note, id).toBeDefined();
      const hashes = files.map(({ sha256 }) => sha256).filter((sha256) => sha256 !== null);
      expect(new Set(hashes).size, id).toBe(hashes.length);
      const addresses = files.flatMap(({ urls }) => urls);
      expect(new Set(addresses).size, id).toBe(addresses.length);
    }
  });
});

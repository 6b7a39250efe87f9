import { join } from 'node:path';
import type * as v from 'valibot';
import type { EngineName } from '../../../contract/engine';
import { StudioError } from '../../../contract/errors';
import { readJson, shippedFolder, type ModelPlaces } from './model-catalogue';
import type { Contract } from './model-contract';
import { openModel, type VerifiedModel } from './model-store';

/**
 * A model of the catalogue with whole files, made for this engine, and its contract.
 * @param schema the contract's own entries beside those of `ContractSchema`.
 * @throws StudioError `model.missing`, `model.corrupt` or `model.contract`.
 */
export async function openEngineModel<C extends Contract>(
  engine: EngineName,
  places: ModelPlaces,
  modelId: string,
  schema: v.GenericSchema<unknown, C>,
): Promise<{ verified: VerifiedModel; contract: C }> {
  const verified = await openModel(places, modelId);
  const { contract: name, task, id } = verified.model;
  if (task !== engine) {
    const message = `The ${engine} engine must have a model of the task "${engine}"; "${id}" is for "${task}". Choose another model.`;
    throw new StudioError('engine', 'model.contract', message);
  }
  const contract = await readJson(
    join(shippedFolder(places), 'contracts', `${name}.json`),
    schema,
    'The contract',
  );
  return { verified, contract };
}

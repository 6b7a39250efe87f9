import { ENGINES, type EngineName } from '../../contract/engine';
import type { StudioErrorShape } from '../../contract/errors';
import type { ModelCheck, ModelListing, ModelState } from '../../contract/models';
import type { KnownModel } from './known-models';
import type { ModelFetch } from './model-fetch';
import { fitOf, type ModelMachine, type ResultCost } from './model-fit';
import type { InstalledModel } from './shelf-file';

/** All that is known of one model at a moment. */
export type Standing = {
  model: KnownModel;
  shipped: boolean;
  installed: InstalledModel | undefined;
  fetch: ModelFetch | undefined;
  damage: StudioErrorShape | null;
  verifying: boolean;
  checked: ModelCheck | null;
  accepted: boolean;
  inUse: boolean;
  machine: ModelMachine;
  cost: ResultCost | null;
  referenceMs: number | null;
};

/** A model as the interface shows it. */
export function listingOf(standing: Standing): ModelListing {
  const { model, shipped, installed, fetch, damage, checked, accepted, inUse, machine, cost, referenceMs } =
    standing;
  const { id, name, task, version, tier, source, languages } = model;
  const bytes = sizeOf(installed ?? model);
  const transfer = fetch ? fetch.transfer : null;
  const isHere = shipped || installed !== undefined;
  return {
    id,
    name,
    task,
    engine: engineOf(model),
    version,
    tier,
    source,
    licence: { ...model.licence, accepted },
    languages,
    shipped,
    hashesKnown: model.files.every(({ sha256 }) => sha256 !== null),
    withoutAddress: shipped ? [] : pathsWithoutAddress(model),
    checked,
    bytes,
    haveBytes: isHere ? (bytes ?? 0) : (transfer?.doneBytes ?? 0),
    state: stateOf(standing),
    transfer: isHere && !damage ? null : transfer,
    error: damage ?? fetch?.error ?? null,
    fit: fitOf({ bytes, tier, cost }, machine, referenceMs),
    inUse,
  };
}

/** Files that cannot be fetched: nobody knows from where. */
export function pathsWithoutAddress({ files }: KnownModel | InstalledModel): string[] {
  return files.filter(({ urls }) => urls.length === 0).map(({ path }) => path);
}

/** Only models with an engine's own contract run on it. */
function engineOf({ task, contract }: KnownModel): EngineName | null {
  return ENGINES.find((engine) => engine === task && engine === contract) ?? null;
}

function sizeOf({ files }: KnownModel | InstalledModel): number | null {
  return files.reduce<number | null>(
    (sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes),
    0,
  );
}

function stateOf({ shipped, installed, fetch, damage, verifying }: Standing): ModelState {
  if (verifying) return 'verifying';
  if (fetch && (damage || !installed) && !shipped) return fetch.state;
  if (damage) return 'damaged';
  if (shipped || installed) return 'installed';
  return 'absent';
}

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../../../contract/errors';
import type { Sizes } from '../contract-dims';
import type { Contract, GraphSpec } from '../model-contract';
import { readOnnxHeader, type OnnxHeader } from '../onnx-header';
import { inspectOnnx } from '../onnx-inspection';
import { checkMetadata } from './check-metadata';
import { checkText } from './check-text';
import { fitGraph, type Fit } from './fit-graph';
import { Symbols } from './symbols';

/** One graph that its file shows to be what the contract says. */
export type ProvedGraph = { role: string; path: string; header: OnnxHeader; fit: Fit };

/** What the files of a model say, held against the contract; nothing has been loaded or run. */
export type FilesProof = { graphs: ProvedGraph[]; sizes: Sizes };

/**
 * The files of a model by their role, in the places where the contract looks for them. Those that
 * are not there are left out.
 */
export function findFiles(contract: Contract, folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { role, file, others = [] } of contract.files) {
    const places = [...(file ? [file] : []), ...others].map((place) => join(folder, place));
    const path = places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile());
    if (path) found.set(role, path);
  }
  return found;
}

/**
 * Proves a model's files against its contract by what they say of themselves: names, types, lengths
 * and metadata of each graph, weights within the model's folder, text files. It reads headers
 * only and needs no runtime, so it is as quick for gigabytes, and safe in any process.
 * @throws StudioError `model.missing`, `model.corrupt` or `model.contract`: what was expected, what
 * was found, what to do.
 */
export function proveFiles(contract: Contract, files: ReadonlyMap<string, string>): FilesProof {
  const symbols = symbolsOf(contract);
  const graphs: ProvedGraph[] = [];
  for (const spec of contract.files) {
    const path = files.get(spec.role);
    if (path === undefined) requireOptional(contract, spec);
    else if (isGraph(spec)) graphs.push(proveGraph(contract, spec, path, symbols));
  }
  const sizes = symbols.sizes(contract.proof?.sizes);
  for (const spec of contract.files) {
    const path = files.get(spec.role);
    if (path !== undefined && !isGraph(spec)) checkText(path, spec, sizes);
  }
  return { graphs, sizes };
}

function proveGraph(contract: Contract, spec: GraphSpec, path: string, symbols: Symbols): ProvedGraph {
  const subject = `graph "${spec.role}" (${path})`;
  const header = readOnnxHeader(path);
  inspectOnnx(path);
  try {
    checkMetadata(`The ${subject}`, spec.metadata ?? [], header.metadata, symbols);
    return { role: spec.role, path, header, fit: fitGraph(subject, contract, spec, header, symbols) };
  } catch (error) {
    const other = contract.files.find((file) => file !== spec && looksLike(contract, file, header));
    if (!other || !(error instanceof StudioError)) throw error;
    const message = `${error.message} It looks like the graph "${other.role}": were files exchanged?`;
    throw new StudioError('engine', error.code, message, { cause: error });
  }
}

function looksLike(contract: Contract, spec: GraphSpec, header: OnnxHeader): boolean {
  if (!isGraph(spec)) return false;
  try {
    fitGraph(spec.role, contract, spec, header, symbolsOf(contract));
    return true;
  } catch {
    return false;
  }
}

function requireOptional(contract: Contract, { role, file, optional }: GraphSpec): void {
  if (optional) return;
  const message = `A model of the contract "${contract.contract}" must have the file "${role}"${file ? ` (${file})` : ''} and has not; install the model again.`;
  throw new StudioError('engine', 'model.missing', message);
}

function isGraph({ inputs, outputs }: GraphSpec): boolean {
  return inputs.length + outputs.length > 0;
}

function symbolsOf({ proof }: Contract): Symbols {
  return new Symbols(proof?.only, proof?.free);
}

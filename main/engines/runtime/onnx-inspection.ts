import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { StudioError } from '../../../contract/errors';
import { readEntry, readOnnx } from './onnx-metadata';
import type { ProtoField, ProtoFile } from './proto-file';

/** Field numbers of onnx.proto: where tensors can lie in a model, and what one says of itself. */
const Model = { graph: 7, functions: 25 } as const;
const Func = { node: 7 } as const;
const GraphField = { node: 1, initializer: 5, sparse: 15 } as const;
const Node = { attribute: 5 } as const;
const Attribute = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 } as const;
const Sparse = { values: 1, indices: 2 } as const;
const TensorField = { dims: 1, type: 2, name: 8, raw: 9, external: 13, location: 14 } as const;

/** Bytes of one element, by `TensorProto.DataType`; strings and types that are packed have none. */
const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2,
}; // prettier-ignore
const MAX_DEPTH = 16;
const MAX_NAME_BYTES = 4096;
/** Weights may be shared by tensors, but not so that a small file unfolds to fill the memory. */
const MAX_UNFOLDING = 4;

/** What a graph's weights take: in this file, and in the files beside it. */
export type OnnxWeights = { declaredBytes: number; externalFiles: string[] };

type Found = { path: string; declaredBytes: number; external: Map<string, number> };

/**
 * Reads what a model says of its weights, without loading them, and refuses what could harm:
 * sizes that do not fit their bytes, external data outside the model's folder or beyond its
 * file's end, and weights that unfold to far more than their files hold.
 * @throws StudioError `model.corrupt`, naming tensor, rule and what was found; `model.missing`.
 */
export function inspectOnnx(path: string): OnnxWeights {
  return readOnnx(path, (file) => {
    const found: Found = { path, declaredBytes: 0, external: new Map() };
    let graphs = 0;
    for (const part of file.fields()) {
      if (part.field === Model.graph && part.delimited) {
        graphs++;
        readGraph(file, part, found, 0);
      } else if (part.field === Model.functions && part.delimited) {
        readNodes(file, part, Func.node, found, 0);
      }
    }
    if (graphs !== 1) throw new Error(`A model has one graph, this file has ${graphs}.`);
    const onDisk = [...found.external.values()].reduce((sum, bytes) => sum + bytes, file.size);
    if (found.declaredBytes > MAX_UNFOLDING * onDisk) {
      throw corrupt(path, `weights of at most ${MAX_UNFOLDING * onDisk} bytes`, `${found.declaredBytes}`);
    }
    return { declaredBytes: found.declaredBytes, externalFiles: [...found.external.keys()] };
  });
}

function readGraph(file: ProtoFile, graph: ProtoField, found: Found, depth: number): void {
  if (depth > MAX_DEPTH) throw corrupt(found.path, `graphs at most ${MAX_DEPTH} deep`, 'deeper ones');
  for (const part of file.fields(graph.from, graph.to)) {
    if (!part.delimited) continue;
    if (part.field === GraphField.initializer) readTensor(file, part, found);
    else if (part.field === GraphField.sparse) readSparse(file, part, found);
    else if (part.field === GraphField.node) readNode(file, part, found, depth);
  }
}

function readNodes(file: ProtoFile, parent: ProtoField, field: number, found: Found, depth: number): void {
  for (const part of file.fields(parent.from, parent.to)) {
    if (part.field === field && part.delimited) readNode(file, part, found, depth);
  }
}

function readNode(file: ProtoFile, node: ProtoField, found: Found, depth: number): void {
  for (const attribute of file.fields(node.from, node.to)) {
    if (attribute.field !== Node.attribute || !attribute.delimited) continue;
    for (const part of file.fields(attribute.from, attribute.to)) {
      if (!part.delimited) continue;
      if (part.field === Attribute.tensor || part.field === Attribute.tensors) readTensor(file, part, found);
      else if (part.field === Attribute.graph || part.field === Attribute.graphs) {
        readGraph(file, part, found, depth + 1);
      } else if (part.field === Attribute.sparse || part.field === Attribute.sparses) {
        readSparse(file, part, found);
      }
    }
  }
}

function readSparse(file: ProtoFile, sparse: ProtoField, found: Found): void {
  for (const part of file.fields(sparse.from, sparse.to)) {
    if (part.delimited && (part.field === Sparse.values || part.field === Sparse.indices)) {
      readTensor(file, part, found);
    }
  }
}

function readTensor(file: ProtoFile, tensor: ProtoField, found: Found): void {
  const dims: number[] = [];
  const external = new Map<string, string>();
  let [type, name, raw, isExternal] = [0, '', -1, false];
  for (const part of file.fields(tensor.from, tensor.to)) {
    if (part.field === TensorField.dims) dims.push(...(part.delimited ? file.packed(part) : [part.value]));
    else if (part.field === TensorField.type) type = part.value;
    else if (part.field === TensorField.name) name = file.text(part, MAX_NAME_BYTES);
    else if (part.field === TensorField.raw) raw = part.to - part.from;
    else if (part.field === TensorField.external) external.set(...readEntry(file, part));
    else if (part.field === TensorField.location) isExternal = part.value === 1;
  }
  const elements = dims.reduce((product, dim) => product * dim, 1);
  const bytes = elements * (ELEMENT_BYTES[type] ?? 0);
  if (!Number.isSafeInteger(bytes)) {
    throw corrupt(found.path, `a size that can be for tensor "${name}"`, `[${dims.join(', ')}]`);
  }
  found.declaredBytes += bytes;
  if (isExternal || external.size > 0) checkExternal(found, name, external, bytes);
  else if (raw >= 0 && bytes > 0 && raw !== bytes) {
    throw corrupt(found.path, `${bytes} bytes for tensor "${name}" [${dims.join(', ')}]`, `${raw}`);
  }
}

function checkExternal(found: Found, name: string, entries: Map<string, string>, bytes: number): void {
  const location = entries.get('location') ?? '';
  const folder = dirname(found.path);
  const inside = (path: string, of: string) => {
    const way = relative(of, path);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  const target = join(folder, location);
  const climbs = location === '' || /^([\\/]|[A-Za-z]:)|\0/.test(location) || !inside(target, folder);
  if (climbs) throw corrupt(found.path, `data of tensor "${name}" beside it`, `"${location.slice(0, 200)}"`);
  let [size, real] = [0, ''];
  try {
    real = realpathSync(target);
    size = statSync(real).size;
  } catch (cause) {
    const message = `Model file ${target} must be there and is not; install the model again.`;
    throw new StudioError('engine', 'model.missing', message, { cause });
  }
  if (!inside(real, realpathSync(folder))) {
    throw corrupt(found.path, `data of tensor "${name}" in its own folder`, `a link to ${real}`);
  }
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? bytes);
  const fits = offset >= 0 && length >= 0 && offset + length <= size && (bytes === 0 || length === bytes);
  if (!fits) {
    const wanted = `${bytes} bytes for tensor "${name}" within the ${size} of ${location}`;
    throw corrupt(found.path, wanted, `${length} from ${offset} on`);
  }
  found.external.set(real, size);
}

function corrupt(path: string, expected: string, found: string): StudioError {
  const message = `Model file ${path} must have ${expected}, found ${found}; install the model again.`;
  return new StudioError('engine', 'model.corrupt', message);
}

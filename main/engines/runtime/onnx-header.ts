import type { Declared } from './model-contract';
import { readEntry, readOnnx } from './onnx-metadata';
import type { ProtoField, ProtoFile } from './proto-file';

/** Field numbers of onnx.proto: what a model says of itself and of its graph's inputs and outputs. */
const Model = { irVersion: 1, producer: 2, graph: 7, opset: 8, metadata: 14 } as const;
const Opset = { domain: 1, version: 2 } as const;
const GraphField = { initializer: 5, input: 11, output: 12 } as const;
const Tensor = { name: 8 } as const;
const ValueInfo = { name: 1, type: 2 } as const;
const TypeField = { tensor: 1 } as const;
const TensorType = { element: 1, shape: 2 } as const;
const Shape = { dim: 1 } as const;
const Dimension = { value: 1, symbol: 2 } as const;

/** Names of `TensorProto.DataType`, as ONNX Runtime says them. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 8: 'string',
  9: 'bool', 10: 'float16', 11: 'float64', 12: 'uint32', 13: 'uint64', 16: 'bfloat16',
}; // prettier-ignore
/** Old exporters list every weight as an input. */
const MAX_TENSORS = 16_384;
const MAX_RANK = 64;
const MAX_ENTRIES = 1024;
const MAX_NAME_BYTES = 4096;
/** Lengths beyond this, negative ones too, are no lengths: exporters write −1 for a free one. */
const MAX_LENGTH = 2 ** 53;

/** What an ONNX file says of itself outside its nodes and weights. */
export type OnnxHeader = {
  /** Of the file itself; weights beside it are not counted. */
  bytes: number;
  irVersion: number;
  /** Version of the standard operators. */
  opset: number;
  producer: string;
  inputs: Declared[];
  outputs: Declared[];
  metadata: Map<string, string>;
};

/**
 * Reads a model's inputs, outputs and metadata without a runtime and without its weights: nodes and
 * weights are stepped over, so that a file of many gigabytes takes no more memory than a small one.
 * Inputs that have an initializer are constants and left out; a free length is a string.
 * @throws StudioError `model.corrupt`, `model.missing`.
 */
export function readOnnxHeader(path: string): OnnxHeader {
  return readOnnx(path, (file) => {
    const header: OnnxHeader = {
      bytes: file.size,
      irVersion: 0,
      opset: 0,
      producer: '',
      inputs: [],
      outputs: [],
      metadata: new Map(),
    };
    let graphs = 0;
    for (const part of file.fields()) {
      if (part.field === Model.irVersion) header.irVersion = part.value;
      if (!part.delimited) continue;
      if (part.field === Model.producer) header.producer = file.text(part, MAX_NAME_BYTES);
      else if (part.field === Model.opset) readOpset(file, part, header);
      else if (part.field === Model.metadata) readMetadata(file, part, header);
      else if (part.field === Model.graph) {
        graphs++;
        readGraph(file, part, header);
      }
    }
    if (graphs !== 1) throw new Error(`A model has one graph, this file has ${graphs}.`);
    return header;
  });
}

function readOpset(file: ProtoFile, part: ProtoField, header: OnnxHeader): void {
  let [domain, version] = ['', 0];
  for (const field of file.fields(part.from, part.to)) {
    if (field.field === Opset.domain && field.delimited) domain = file.text(field, MAX_NAME_BYTES);
    else if (field.field === Opset.version) version = field.value;
  }
  if (domain === '' || domain === 'ai.onnx') header.opset = version;
}

function readMetadata(file: ProtoFile, part: ProtoField, { metadata }: OnnxHeader): void {
  if (metadata.size >= MAX_ENTRIES) throw new Error('Too much metadata.');
  metadata.set(...readEntry(file, part));
}

function readGraph(file: ProtoFile, graph: ProtoField, header: OnnxHeader): void {
  const parts = (field: number) => fieldsOf(file, graph, field);
  for (const part of parts(GraphField.output)) add(header.outputs, readValue(file, part));
  for (const part of parts(GraphField.input)) add(header.inputs, readValue(file, part));
  const names = new Set(header.inputs.map(({ name }) => name));
  const constants = new Set<string>();
  for (const part of parts(GraphField.initializer)) {
    for (const { from, to, delimited } of fieldsOf(file, part, Tensor.name)) {
      if (!delimited || to - from > MAX_NAME_BYTES) continue;
      const name = file.text({ field: 0, value: 0, from, to, delimited }, MAX_NAME_BYTES);
      if (names.has(name)) constants.add(name);
    }
  }
  header.inputs = header.inputs.filter(({ name }) => !constants.has(name));
}

function add(list: Declared[], tensor: Declared): void {
  if (list.length >= MAX_TENSORS) throw new Error('Too many inputs or outputs.');
  list.push(tensor);
}

function readValue(file: ProtoFile, value: ProtoField): Declared {
  const tensor: Declared = { name: '', type: 'not a tensor', dims: [] };
  for (const part of file.fields(value.from, value.to)) {
    if (!part.delimited) continue;
    if (part.field === ValueInfo.name) tensor.name = file.text(part, MAX_NAME_BYTES);
    else if (part.field === ValueInfo.type) {
      for (const type of fieldsOf(file, part, TypeField.tensor)) readTensorType(file, type, tensor);
    }
  }
  return tensor;
}

function readTensorType(file: ProtoFile, type: ProtoField, tensor: Declared): void {
  for (const part of file.fields(type.from, type.to)) {
    if (part.field === TensorType.element) tensor.type = TYPES[part.value] ?? `type ${part.value}`;
    else if (part.field === TensorType.shape && part.delimited) {
      const dims: (number | string)[] = [];
      for (const dim of fieldsOf(file, part, Shape.dim)) {
        if (dims.push(readDim(file, dim)) > MAX_RANK) throw new Error('A tensor has too many axes.');
      }
      tensor.dims = dims;
    }
  }
}

function readDim(file: ProtoFile, dim: ProtoField): number | string {
  let length: number | string = '?';
  for (const part of file.fields(dim.from, dim.to)) {
    if (part.field === Dimension.value && !part.delimited)
      length = part.value < MAX_LENGTH ? part.value : '?';
    else if (part.field === Dimension.symbol && part.delimited)
      length = file.text(part, MAX_NAME_BYTES) || '?';
  }
  return length;
}

function* fieldsOf(file: ProtoFile, parent: ProtoField, field: number): Generator<ProtoField> {
  for (const part of file.fields(parent.from, parent.to)) if (part.field === field) yield part;
}

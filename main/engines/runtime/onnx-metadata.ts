import { StudioError } from '../../../contract/errors';
import { ProtoFile, type ProtoField } from './proto-file';

/** `ModelProto.metadata_props` of onnx.proto, and the fields of one entry. */
const METADATA_FIELD = 14;
const KEY_FIELD = 1;
const VALUE_FIELD = 2;
const MAX_ENTRIES = 1024;
const MAX_ENTRY_BYTES = 4 * 1024 * 1024;

/**
 * The metadata that an ONNX file carries, key → value, which the runtime does not tell. Only
 * the outermost fields are read; the graph, which is nearly all of the file, is stepped over.
 * @throws StudioError `model.corrupt` when the file is not one, `model.missing` when it
 * cannot be read.
 */
export async function readOnnxMetadata(path: string): Promise<Map<string, string>> {
  return readOnnx(path, (file) => {
    const props = new Map<string, string>();
    for (const field of file.fields()) {
      if (field.field !== METADATA_FIELD || !field.delimited) continue;
      if (props.size >= MAX_ENTRIES) throw new Error('Too much metadata.');
      const [key, value] = readEntry(file, field);
      props.set(key, value);
    }
    return props;
  });
}

/**
 * Reads something out of an ONNX file; whatever `read` throws but a StudioError means that it is none.
 * @throws StudioError `model.corrupt`, `model.missing`.
 */
export function readOnnx<T>(path: string, read: (file: ProtoFile) => T): T {
  let file: ProtoFile;
  try {
    file = new ProtoFile(path);
  } catch (cause) {
    const message = `Model file ${path} must be there and is not; install the model again.`;
    throw new StudioError('engine', 'model.missing', message, { cause });
  }
  try {
    return read(file);
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    const message = `Model file ${path} must be an ONNX model and is not; install the model again.`;
    throw new StudioError('engine', 'model.corrupt', message, { cause });
  } finally {
    file.close();
  }
}

/** A StringStringEntryProto. */
export function readEntry(file: ProtoFile, entry: ProtoField): [key: string, value: string] {
  const texts = new Map<number, string>();
  for (const field of file.fields(entry.from, entry.to)) {
    if (!field.delimited) throw new Error('A metadata entry must hold two strings.');
    texts.set(field.field, file.text(field, MAX_ENTRY_BYTES));
  }
  return [texts.get(KEY_FIELD) ?? '', texts.get(VALUE_FIELD) ?? ''];
}

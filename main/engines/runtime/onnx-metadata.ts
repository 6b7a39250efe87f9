import { open, type FileHandle } from 'node:fs/promises';
import { StudioError } from '../../../contract/errors';

/** `ModelProto.metadata_props` of onnx.proto, and the fields of one entry. */
const METADATA_FIELD = 14;
const KEY_FIELD = 1;
const VALUE_FIELD = 2;
const MAX_ENTRIES = 1024;
const MAX_ENTRY_BYTES = 4 * 1024 * 1024;
const MAX_VARINT_BYTES = 10;

/** Bytes that follow a field's tag, by wire type of the protocol buffer encoding. */
const WireType = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/**
 * The metadata that an ONNX file carries, key → value, which the runtime does not tell. Only
 * the outermost fields are read; the graph, which is nearly all of the file, is stepped over.
 * @throws StudioError `model.corrupt` when the file is not one, `model.missing` when it
 * cannot be read.
 */
export async function readOnnxMetadata(path: string): Promise<Map<string, string>> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    const message = `Model file ${path} must be there and is not; install the model again.`;
    throw new StudioError('engine', 'model.missing', message, { cause });
  }
  try {
    return await readProps(file, (await file.stat()).size);
  } catch (cause) {
    const message = `Model file ${path} must be an ONNX model and is not; install the model again.`;
    throw new StudioError('engine', 'model.corrupt', message, { cause });
  } finally {
    await file.close();
  }
}

async function readProps(file: FileHandle, size: number): Promise<Map<string, string>> {
  const props = new Map<string, string>();
  let at = 0;
  while (at < size) {
    const head = await readBytes(file, at, Math.min(2 * MAX_VARINT_BYTES, size - at));
    const tag = readVarint(head, 0);
    const wire = tag.value % 8;
    if (wire === WireType.delimited) {
      const length = readVarint(head, tag.next);
      const from = at + length.next;
      at = from + length.value;
      if (at > size) throw new Error('The file ends within a field.');
      if (Math.floor(tag.value / 8) !== METADATA_FIELD) continue;
      if (length.value > MAX_ENTRY_BYTES || props.size >= MAX_ENTRIES) throw new Error('Too much metadata.');
      const [key, value] = readEntry(await readBytes(file, from, length.value));
      props.set(key, value);
    } else if (wire === WireType.varint) at += readVarint(head, tag.next).next;
    else if (wire === WireType.fixed64) at += tag.next + 8;
    else if (wire === WireType.fixed32) at += tag.next + 4;
    else throw new Error(`Wire type ${wire} is unknown.`);
  }
  return props;
}

/** A StringStringEntryProto. */
function readEntry(bytes: Uint8Array): [key: string, value: string] {
  const texts = new Map<number, string>();
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (tag.value % 8 !== WireType.delimited) throw new Error('A metadata entry must hold two strings.');
    const length = readVarint(bytes, tag.next);
    at = length.next + length.value;
    if (at > bytes.length) throw new Error('A metadata entry ends too early.');
    texts.set(Math.floor(tag.value / 8), new TextDecoder().decode(bytes.subarray(length.next, at)));
  }
  return [texts.get(KEY_FIELD) ?? '', texts.get(VALUE_FIELD) ?? ''];
}

/** A base-128 number; values beyond 2⁵³ lose digits, which no length of a file has. */
function readVarint(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) throw new Error('The file ends within a number.');
    value += (byte % 128) * 2 ** (7 * i);
    if (byte < 128) return { value, next: from + i + 1 };
  }
  throw new Error('A number is longer than any can be.');
}

async function readBytes(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead < length) throw new Error('The file ends too early.');
  return bytes;
}

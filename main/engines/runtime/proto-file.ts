import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const WINDOW_BYTES = 64 * 1024;
const MAX_VARINT_BYTES = 10;

/** Bytes that follow a field's tag, by wire type of the protocol buffer encoding. */
const WireType = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** One field: its number, its value when it is a number, and where its bytes lie in the file. */
export type ProtoField = { field: number; value: number; from: number; to: number; delimited: boolean };

/**
 * A protocol buffer on disk, read field by field: what is not asked for, as the weights of a
 * model, is stepped over and never loaded. Every read is checked against the file's end.
 */
export class ProtoFile {
  readonly size: number;
  readonly #descriptor: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;

  /** @throws Error of the file system. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** The fields of a message that lies from `from` to `to`. Throws where it is none. */
  *fields(from = 0, to = this.size): Generator<ProtoField> {
    let at = from;
    while (at < to) {
      const tag = this.#varint(at, to);
      const [field, wire] = [Math.floor(tag.value / 8), tag.value % 8];
      if (field === 0) throw new Error('A field has the number 0.');
      if (wire === WireType.varint) {
        const { value, next } = this.#varint(tag.next, to);
        yield { field, value, from: tag.next, to: next, delimited: false };
        at = next;
        continue;
      }
      const length = wire === WireType.delimited ? this.#varint(tag.next, to) : fixed(wire, tag.next);
      at = length.next + length.value;
      if (at > to) throw new Error('The file ends within a field.');
      yield { field, value: 0, from: length.next, to: at, delimited: wire === WireType.delimited };
    }
  }

  /** Numbers of a packed repeated field. */
  *packed({ from, to }: ProtoField): Generator<number> {
    for (let at = from; at < to;) {
      const { value, next } = this.#varint(at, to);
      yield value;
      at = next;
    }
  }

  /** The text of a field of at most `limit` bytes. */
  text({ from, to }: ProtoField, limit: number): string {
    if (to - from > limit) throw new Error(`A text is longer than ${limit} bytes.`);
    const bytes = new Uint8Array(to - from);
    if (readSync(this.#descriptor, bytes, 0, bytes.length, from) < bytes.length) {
      throw new Error('The file ends within a text.');
    }
    return new TextDecoder().decode(bytes);
  }

  /** A base-128 number; values beyond 2⁵³ lose digits, which no length of a file has. */
  #varint(from: number, to: number): { value: number; next: number } {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (from + i >= to) throw new Error('The file ends within a number.');
      const byte = this.#byte(from + i);
      value += (byte % 128) * 2 ** (7 * i);
      if (byte < 128) return { value, next: from + i + 1 };
    }
    throw new Error('A number is longer than any can be.');
  }

  #byte(at: number): number {
    const inWindow = at - this.#windowAt;
    if (inWindow >= 0 && inWindow < this.#window.length) return this.#window[inWindow]!;
    const bytes = new Uint8Array(WINDOW_BYTES);
    const read = readSync(this.#descriptor, bytes, 0, bytes.length, at);
    if (read === 0) throw new Error('The file ends too early.');
    this.#window = bytes.subarray(0, read);
    this.#windowAt = at;
    return this.#window[0]!;
  }
}

function fixed(wire: number, next: number): { value: number; next: number } {
  if (wire === WireType.fixed64) return { value: 8, next };
  if (wire === WireType.fixed32) return { value: 4, next };
  throw new Error(`Wire type ${wire} is unknown.`);
}

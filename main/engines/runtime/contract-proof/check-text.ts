import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { StudioError } from '../../../../contract/errors';
import { resolveDims, symbolOf, type Sizes } from '../contract-dims';
import { contractError, type GraphSpec } from '../model-contract';

const MAX_JSON_BYTES = 64 * 1024 * 1024;
const MAX_LINES_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 10;

/**
 * Holds a file of a model that is no graph against its contract: that it is there, is JSON, has so
 * many lines.
 * @throws StudioError `model.missing`, `model.corrupt`, `model.contract`.
 */
export function checkText(path: string, spec: GraphSpec, sizes: Sizes): void {
  const subject = `Model file "${spec.role}" (${path})`;
  try {
    const { size } = statSync(path);
    if (spec.json) checkJson(path, size, subject);
    if (spec.lines === undefined) return;
    const symbol = symbolOf(spec.lines);
    if (symbol !== null && sizes[symbol] === undefined) return;
    const [expected] = resolveDims([spec.lines], sizes);
    const found = size > MAX_LINES_BYTES ? Infinity : countLines(path);
    if (found !== expected) throw contractError(subject, `${expected} lines (${spec.lines})`, `${found}`);
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    const message = `${subject} must be readable and is not; install the model again.`;
    throw new StudioError('engine', 'model.missing', message, { cause });
  }
}

function checkJson(path: string, size: number, subject: string): void {
  const corrupt = (found: string, cause?: unknown) => {
    const message = `${subject} must be JSON of at most ${MAX_JSON_BYTES} bytes, found ${found}; install the model again.`;
    return new StudioError('engine', 'model.corrupt', message, { cause });
  };
  if (size > MAX_JSON_BYTES) throw corrupt(`${size} bytes`);
  const text = readFileSync(path, 'utf8');
  try {
    JSON.parse(text);
  } catch (cause) {
    throw corrupt('something else', cause);
  }
}

/** Lines of a text file; a last one may go without its end. */
function countLines(path: string): number {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    let [lines, last] = [0, NEWLINE];
    for (let read = 0; (read = readSync(descriptor, chunk)) > 0;) {
      for (let i = 0; i < read; i++) if (chunk[i] === NEWLINE) lines++;
      last = chunk[read - 1]!;
    }
    return last === NEWLINE ? lines : lines + 1;
  } finally {
    closeSync(descriptor);
  }
}

import { readFile } from 'node:fs/promises';
import { StudioError } from '../../../contract/errors';

const MAX_TOKENS = 100_000;

/**
 * Reads `tokens.txt`: one `piece id` a line, divided at the last space, ids from 0 on, the
 * blank last [C7].
 * @returns the pieces by id, without the blank.
 * @throws StudioError `model.corrupt`.
 */
export async function readTokens(path: string): Promise<string[]> {
  return parseTokens(await readFile(path, 'utf8'), path);
}

/** The same for a text; `path` is for messages only. */
export function parseTokens(text: string, path: string): string[] {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  if (lines.length < 2 || lines.length > MAX_TOKENS)
    throw corrupt(path, `${lines.length} lines`, lines.length);
  const pieces = lines.map((line, id) => {
    const space = line.lastIndexOf(' ');
    if (space < 1 || line.slice(space + 1) !== String(id))
      throw corrupt(path, `"${line.slice(0, 80)}"`, id + 1);
    return line.slice(0, space);
  });
  const blank = pieces.pop()!;
  if (!/^<(blk|blank)>$/.test(blank))
    throw corrupt(path, `"${blank.slice(0, 80)}" as its last piece`, pieces.length + 1);
  return pieces;
}

function corrupt(path: string, found: string, line: number): StudioError {
  const message =
    `The tokens of a captions model must be lines "piece id" with ids from 0 on, "<blk>" the last; ` +
    `found ${found} at line ${line} of ${path}. Install the model again.`;
  return new StudioError('engine', 'model.corrupt', message);
}

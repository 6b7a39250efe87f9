import { describe, expect, it } from 'vitest';
import { TINY_TOKENS } from '../testing/captions-fixtures';
import { parseTokens, readTokens } from './tokens';

describe('parseTokens', () => {
  it('[C7] divides at the last space, without the blank', async () => {
    expect(parseTokens('\u2581 0\n\u2581a b 1\n  2\n<blk> 3\n', 'x')).toEqual(['\u2581', '\u2581a b', ' ']);
    const pieces = await readTokens(TINY_TOKENS);
    expect(pieces.slice(0, 3)).toEqual(['\u2581', '\u2581the', '\u2581a']);
    expect(pieces).toHaveLength(31);
  });

  it.each([
    ['no token', '<blk> 0\n', /1 lines/],
    ['no text', '', /0 lines/],
    ['an id out of order', 'a 0\nb 2\n<blk> 3\n', /"b 2" at line 2/],
    ['a line without an id', 'a 0\nb\n<blk> 2\n', /"b" at line 2/],
    ['an id without a piece', 'a 0\n 1\n<blk> 2\n', /" 1" at line 2/],
    ['no blank at the end', 'a 0\nb 1\n', /"b" as its last piece/],
  ])('[C7] refuses %s', (_, text, message) => {
    expect(() => parseTokens(text, 'tokens.txt')).toThrow(message);
  });
});

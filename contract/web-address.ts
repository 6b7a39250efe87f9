/** Longer addresses than this are refused. */
const LONGEST = 2048;

/**
 * An address that the user's browser may be sent to: https, without a name or password that could make
 * one host look like another.
 * @returns it in its normal form; null for anything else
 */
export function readWebAddress(text: string): string | null {
  if (text.length > LONGEST || !URL.canParse(text)) return null;
  const { protocol, username, password, href } = new URL(text);
  return protocol === 'https:' && username === '' && password === '' ? href : null;
}

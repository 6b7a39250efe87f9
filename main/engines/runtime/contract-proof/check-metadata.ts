import { contractError, type MetadataRule } from '../model-contract';
import type { Symbols } from './symbols';

const SHOWN = 80;

/**
 * Holds a file's metadata against the contract's rules, and settles the symbols that it tells.
 * @param subject begins each message.
 * @throws StudioError `model.contract`: what was expected, what was found, what to do.
 */
export function checkMetadata(
  subject: string,
  rules: readonly MetadataRule[],
  metadata: ReadonlyMap<string, string>,
  symbols: Symbols,
): void {
  const needed = rules.filter(({ optional }) => !optional).map(({ key }) => key);
  const missing = [...new Set(needed)].filter((key) => !metadata.has(key));
  if (missing.length > 0) {
    const has = [...metadata.keys()].slice(0, 64).join(', ') || 'nothing';
    throw contractError(subject, `metadata ${missing.join(', ')}`, has);
  }
  for (const rule of rules) {
    const text = metadata.get(rule.key);
    if (text === undefined) continue;
    const wrong = mistakeIn(rule, text, symbols);
    if (wrong)
      throw contractError(subject, `${wrong} as its metadata ${rule.key}`, `"${text.slice(0, SHOWN)}"`);
    if (rule.gives) symbols.settle(rule.gives, Number(text), `its metadata ${rule.key}`);
  }
}

/** What the value should have been; null when it is that. */
function mistakeIn({ type, oneOf, gives }: MetadataRule, text: string, symbols: Symbols): string | null {
  if (type === 'count' && !/^[1-9]\d{0,8}$/.test(text)) return 'a count of at least 1';
  if (type === 'integer' && !/^-?\d{1,9}$/.test(text)) return 'a whole number';
  if (type === 'json' && !isJson(text)) return 'JSON';
  if (oneOf && !oneOf.includes(text)) return oneOf.map((value) => `"${value}"`).join(' or ');
  if (gives && !symbols.allows(gives, Number(text))) return `${gives}${symbols.explain([gives])}`;
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

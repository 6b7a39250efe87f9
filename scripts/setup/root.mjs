import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute folder of the checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** A path inside the checkout. */
export function inRoot(...parts) {
  return resolve(ROOT, ...parts);
}

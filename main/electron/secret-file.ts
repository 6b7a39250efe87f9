import { readFile, rename } from 'node:fs/promises';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';

const FileSchema = v.object({
  version: v.literal(1),
  /** Name → encrypted value, base64. */
  values: v.record(v.string(), v.string()),
});

/** Encrypted values by name. */
export type SecretValues = Record<string, string>;

/**
 * Reads the file of encrypted values; none is an empty set. A file that cannot be
 * understood is put aside as `….unreadable`, never written over.
 */
export async function readSecretFile(file: string): Promise<SecretValues> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const parsed = v.safeParse(FileSchema, parseJson(text));
  if (parsed.success) return parsed.output.values;
  await rename(file, `${file}.unreadable`);
  return {};
}

/** Writes the file whole or not at all, readable by its owner only. */
export async function writeSecretFile(file: string, values: SecretValues): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify({ version: 1, values })}\n`, { mode: 0o600 });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

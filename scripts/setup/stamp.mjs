import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from './root.mjs';

/** Lies in node_modules, so that reinstalling forgets what was tried. */
const STAMP_FILE = inRoot('node_modules/.fantascope-stamp');

/**
 * Remembers downloads that were tried once, by name and version, so that a machine
 * without network is not made to wait at each start.
 */
export function wasTried(name, version, file = STAMP_FILE) {
  return readStamp(file)[name] === version;
}

/** Notes that the download of `name` at `version` was tried. */
export function markTried(name, version, file = STAMP_FILE) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...readStamp(file), [name]: version }, null, 2)}\n`);
}

function readStamp(file) {
  if (!existsSync(file)) return {};
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    // a torn stamp costs one retry, nothing more
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * SHA-256 over the names and contents of files and folders below `root`, in a fixed order.
 * Tests and dot files do not count: they cannot change a build.
 */
export function hashSources(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((entry) => listFiles(root, entry)).sort()) {
    hash.update(`${path}\0`);
    hash.update(readFileSync(join(root, path)));
    hash.update('\0');
  }
  return hash.digest('hex');
}

function listFiles(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .filter((name) => !name.startsWith('.') && !name.includes('.test.'))
    .flatMap((name) => listFiles(root, `${path}/${name}`));
}

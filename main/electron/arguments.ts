import { join } from 'node:path';

/** What the command line asks of the Electron shell. */
export type Arguments = {
  /** Project to open; null: the last one. */
  project: string | null;
  /** Show script to play and record; then the application ends. */
  show: string | null;
  /** Folder for the recording of a show. */
  out: string;
  /** Folder for projects, settings and logs; null: the system's. */
  userData: string | null;
};

/**
 * Reads `--project`, `--show`, `--demo`, `--out` and `--user-data`. Chromium puts switches
 * of its own anywhere, so other words are passed over.
 * @param showsDir the shows that come with the studio
 */
export function readArguments(argv: readonly string[], showsDir: string, workingDir: string): Arguments {
  const demo = argv.includes('--demo') ? join(showsDir, 'demo/demo.json') : null;
  return {
    project: valueAfter(argv, '--project'),
    show: valueAfter(argv, '--show') ?? demo,
    out: valueAfter(argv, '--out') ?? join(workingDir, 'out/shows'),
    userData: valueAfter(argv, '--user-data'),
  };
}

function valueAfter(argv: readonly string[], name: string): string | null {
  const at = argv.indexOf(name);
  const value = at < 0 ? undefined : argv[at + 1];
  return value === undefined || value.startsWith('--') ? null : value;
}

/**
 * The project file of a command line: the word after `--project`, else undefined.
 * Chromium puts switches of its own anywhere, so other words are passed over.
 */
export function projectArgument(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--project');
  const value = at < 0 ? undefined : argv[at + 1];
  return value === undefined || value.startsWith('--') ? undefined : value;
}

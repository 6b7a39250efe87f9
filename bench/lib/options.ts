/**
 * Reads `--seconds N` from a bench's arguments: how long each measurement lasts.
 * @throws Error when N is not a number of at least 1
 */
export function secondsOf(args: readonly string[], usual: number): number {
  const at = args.indexOf('--seconds');
  if (at < 0) return usual;
  const seconds = Number(args[at + 1]);
  if (!Number.isFinite(seconds) || seconds < 1) {
    throw new Error(`--seconds must be followed by a number of at least 1, got "${args[at + 1] ?? ''}".`);
  }
  return seconds;
}

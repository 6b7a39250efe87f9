const WINDOW_MS = 30_000;
const FREE_CRASHES = 3;
const COOL_DOWN_MS = 5000;

/**
 * How long to wait before the page is opened again: at once after the first crashes of half
 * a minute, then with a pause, so that a page that cannot live does not eat the machine
 * that still sends the slate.
 * @param crashesMs monotonic times of all crashes, the present one last
 */
export function relaunchDelayMs(crashesMs: readonly number[]): number {
  const now = crashesMs.at(-1) ?? 0;
  const recent = crashesMs.filter((time) => now - time < WINDOW_MS).length;
  return recent <= FREE_CRASHES ? 0 : COOL_DOWN_MS;
}

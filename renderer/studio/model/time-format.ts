/** `00:12:04` from microseconds; hours grow when they must. */
export function formatTimer(durationUs: number): string {
  const total = Math.max(0, Math.floor(durationUs / 1e6));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/** `1:23.4` from seconds, `1:02:03` from an hour on. */
export function formatPosition(positionS: number): string {
  const tenths = Math.max(0, Math.round(positionS * 10));
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60];
  const seconds = (tenths % 600) / 10;
  if (hours === 0) return `${minutes}:${seconds.toFixed(1).padStart(4, '0')}`;
  return `${hours}:${String(minutes).padStart(2, '0')}:${String(Math.floor(seconds)).padStart(2, '0')}`;
}

/** Seconds from `83.4`, `1:23,4` or `1:02:03`, with any unit after it; null when it is no time. */
export function parsePosition(text: string): number | null {
  const match = /^\s*(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?|[.,]\d+)\s*[a-z]*\s*$/i.exec(text);
  if (!match) return null;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
}

/** `4.2 / 11 ms`: median and 95th percentile; a dash when nothing was measured. */
export function formatSpread(spread: { p50: number; p95: number; n: number } | null): string {
  if (spread === null || spread.n === 0) return '–';
  const [p50, p95] = [spread.p50, spread.p95].map((ms) => (ms < 9.95 ? ms.toFixed(1) : Math.round(ms)));
  return `${p50} / ${p95} ms`;
}

/** `842 MB`: file sizes in decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** The last part of a path of either kind of separator. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}

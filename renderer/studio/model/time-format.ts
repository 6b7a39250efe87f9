/** `00:12:04` from microseconds; hours grow when they must. */
export function formatTimer(durationUs: number): string {
  const total = Math.max(0, Math.floor(durationUs / 1e6));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
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

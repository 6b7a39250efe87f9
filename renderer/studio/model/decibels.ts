/** The lowest level a fader or meter shows; below it is silence. */
export const SILENCE_DB = -60;
/** The most a fader gives. */
export const LOUDEST_DB = 12;

/** Full-scale decibels of a linear peak (1 = 0 dBFS), never below −120. */
export function peakToDb(peak: number): number {
  return peak > 1e-6 ? 20 * Math.log10(peak) : -120;
}

/** Writes a gain as a desk does: `+3.0`, `0.0`, `−12.5`, and `−∞` at the bottom. */
export function formatDb(db: number): string {
  if (db <= SILENCE_DB) return '−∞';
  const rounded = Math.round(db * 10) / 10;
  if (rounded === 0) return '0.0';
  return `${rounded > 0 ? '+' : '−'}${Math.abs(rounded).toFixed(1)}`;
}

/** Reads what a person types as a gain (`-6`, `−6 dB`, `inf`); null when it is no level. */
export function parseDb(text: string): number | null {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/\s*db$/, '')
    .replace('−', '-')
    .replace(',', '.');
  if (/^-?(inf|∞|infinity)$/.test(plain)) return SILENCE_DB;
  if (!/^[+-]?\d+(\.\d+)?$/.test(plain)) return null;
  return Math.min(LOUDEST_DB, Math.max(SILENCE_DB, Number(plain)));
}

/**
 * Where a level lies on the fader's travel, 0 to 1. The law gives the top three quarters to
 * the working range (−24…+12 dB), as the scale printed on a desk does.
 */
export function dbToTravel(db: number): number {
  const level = Math.min(LOUDEST_DB, Math.max(SILENCE_DB, db));
  if (level < -24) return (0.25 * (level - SILENCE_DB)) / (-24 - SILENCE_DB);
  return 0.25 + (0.75 * (level + 24)) / (LOUDEST_DB + 24);
}

/** The inverse of {@link dbToTravel}. */
export function travelToDb(travel: number): number {
  const place = Math.min(1, Math.max(0, travel));
  if (place < 0.25) return SILENCE_DB + (place / 0.25) * (-24 - SILENCE_DB);
  return -24 + ((place - 0.25) / 0.75) * (LOUDEST_DB + 24);
}

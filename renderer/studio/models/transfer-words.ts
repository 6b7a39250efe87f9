import type { ModelTransfer } from '../../../contract/models';
import { formatBytes } from '../model/time-format';

/** As wide as a digit: it keeps the place of digits that are still to come. */
export const FIGURE_SPACE = '\u2007';
const UNITS: readonly string[] = ['B', 'kB', 'MB', 'GB', 'TB'];

/** How far a download is, in words that keep their width while it runs. */
export type TransferWords = {
  /** 0 to 1; null where the whole size is not known. */
  fraction: number | null;
  /** ` 42 %`; empty where the whole size is not known. */
  percent: string;
  /** `0.84 of 3.98 GB`, or `840 MB so far`. */
  amount: string;
  /** `12.4 MB/s`; empty while nothing comes. */
  rate: string;
  /** `3 min left`; empty where that cannot be said. */
  left: string;
  /** The same for those who hear it. */
  spoken: string;
};

/**
 * Words for a transfer. A total that is zero, or less than what has come, is not believed:
 * then only what came is told.
 */
export function transferWords(transfer: ModelTransfer): TransferWords {
  const { doneBytes, totalBytes, bytesPerSecond, etaS } = transfer;
  const known = totalBytes > 0 && doneBytes <= totalBytes;
  const rate = bytesPerSecond > 0 ? `${formatBytes(bytesPerSecond)}/s` : '';
  const left = known && etaS !== null && bytesPerSecond > 0 ? leftWords(etaS) : '';
  // Rounded down: 100 % is said when all is there, not shortly before.
  const share = known ? Math.floor((100 * doneBytes) / totalBytes) : null;
  const amount = known ? amountOf(doneBytes, totalBytes) : `${formatBytes(doneBytes)} so far`;
  return {
    fraction: known ? doneBytes / totalBytes : null,
    percent: share === null ? '' : `${String(share).padStart(3, FIGURE_SPACE)} %`,
    amount,
    rate,
    left,
    spoken: [share === null ? '' : `${share} %`, amount.replaceAll(FIGURE_SPACE, ''), left]
      .filter((part) => part !== '')
      .join(', '),
  };
}

/** Both in the unit of the whole, the part as wide as the whole. */
function amountOf(doneBytes: number, totalBytes: number): string {
  const unit = formatBytes(totalBytes).split(' ')[1] ?? 'B';
  const place = UNITS.indexOf(unit);
  const scale = 1000 ** place;
  const digits = place === 0 || totalBytes / scale >= 99.5 ? 0 : place >= 3 ? 2 : 1;
  const whole = (totalBytes / scale).toFixed(digits);
  const factor = 10 ** digits;
  const done = (Math.floor((doneBytes / scale) * factor) / factor).toFixed(digits);
  return `${done.padStart(whole.length, FIGURE_SPACE)} of ${whole} ${unit}`;
}

/** `a few seconds left`, `50 s left`, `12 min left`, `2 h 10 min left`: no finer than it can be known. */
export function leftWords(seconds: number): string {
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 55) return `${Math.ceil(seconds / 10) * 10} s left`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return 'days left';
  const rest = Math.round((minutes % 60) / 10) * 10;
  if (rest === 60) return `${hours + 1} h left`;
  return rest === 0 ? `${hours} h left` : `${hours} h ${rest} min left`;
}

import { clock, timeTicks } from './chart';
import { html, type Html } from './html';
import type { Grab, Peaks } from './recording-media';
import type { Cue } from './session-cues';

const SIZE = { width: 1080, height: 108, axis: 20, flags: 18 };

/** Pictures at even distances, in order, with their times. */
export function contactSheet(grabs: readonly Grab[], aspect: number): Html {
  return html`<div class="sheet">
    ${grabs.map(
      (grab) =>
        html`<figure>
          <img
            alt="The programme at ${clock(grab.atS)}"
            style="aspect-ratio:${aspect.toFixed(4)}"
            src="data:image/jpeg;base64,${grab.jpeg.toString('base64')}"
          />
          <figcaption>${clock(grab.atS)}</figcaption>
        </figure>`,
    )}
  </div>`;
}

/** The sound over time: peaks with the mean power inside, the named cues as flags above. */
export function waveform(peaks: Peaks, durationS: number, cues: readonly Cue[]): Html {
  const middle = SIZE.flags + (SIZE.height - SIZE.flags - SIZE.axis) / 2;
  const half = (SIZE.height - SIZE.flags - SIZE.axis) / 2 - 1;
  const x = (seconds: number): string => ((seconds / durationS) * SIZE.width).toFixed(1);
  return html`<svg
    class="wave"
    viewBox="0 0 ${SIZE.width} ${SIZE.height}"
    role="img"
    aria-label="Waveform of the programme's sound"
  >
    <line class="grid" x1="0" x2="${SIZE.width}" y1="${middle}" y2="${middle}" />
    <path class="peak" d="${band(peaks.peak, middle, half)}" />
    <path class="rms" d="${band(peaks.rms, middle, half)}" />
    ${cues.map(
      (cue, index) =>
        html`<line
            class="mark"
            x1="${x(cue.atS)}"
            x2="${x(cue.atS)}"
            y1="${SIZE.flags - 4}"
            y2="${SIZE.height - SIZE.axis}"
          />
          <text
            class="tick flag"
            x="${x(cue.atS)}"
            y="${SIZE.flags - 7}"
            text-anchor="${cue.atS > durationS * 0.98 ? 'end' : 'middle'}"
            >${index + 1}</text
          >`,
    )}
    ${timeTicks(durationS, 12).map(
      (tick) =>
        html`<text
          class="tick"
          x="${x(tick)}"
          y="${SIZE.height - 4}"
          text-anchor="${tick === 0 ? 'start' : tick > durationS * 0.98 ? 'end' : 'middle'}"
          >${clock(tick)}</text
        >`,
    )}
  </svg>`;
}

/** A closed outline: the values to the right above the middle, and back below it. */
function band(values: readonly number[], middle: number, half: number): string {
  if (values.length === 0) return '';
  const step = SIZE.width / values.length;
  const point = (index: number, sign: number): string => {
    // Quiet sound is still to be seen: the square root stretches it.
    const height = Math.max(0.4, Math.sqrt(values[index]!) * half);
    return `${((index + 0.5) * step).toFixed(1)} ${(middle + sign * height).toFixed(1)}`;
  };
  const forth = values.map((_, index) => point(index, -1));
  const back = values.map((_, index) => point(index, 1)).reverse();
  return `M${[...forth, ...back].join('L')}Z`;
}

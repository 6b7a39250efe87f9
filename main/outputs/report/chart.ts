import { html, type Html } from './html';

/** One line of a chart; a null value breaks the line. */
export type Series = {
  name: string;
  /** Class that gives colour and dash: `s1` … `s4`. */
  style: string;
  points: readonly { x: number; y: number | null }[];
};

export type ChartOptions = {
  title: string;
  unit: string;
  /** Length of the x axis in seconds. */
  durationS: number;
  series: readonly Series[];
  /** A value the reader should know, drawn as a dashed rule. */
  reference?: { value: number; label: string };
  /** Moments drawn as hairlines, in seconds. */
  marks?: readonly number[];
};

const SIZE = { width: 520, height: 190, left: 44, right: 12, top: 12, bottom: 24 };

/** A line chart as inline SVG with its legend; the value axis begins at 0. */
export function lineChart(options: ChartOptions): Html {
  const values = options.series.flatMap((series) => series.points.flatMap((point) => point.y ?? []));
  if (values.length === 0) {
    return html`<figure class="chart">
      <figcaption><b>${options.title}</b></figcaption>
      <p class="none">Not measured in this recording.</p>
    </figure>`;
  }
  const yTicks = niceTicks(Math.max(...values, options.reference?.value ?? 0) * 1.08, 4);
  const top = yTicks.at(-1)!;
  const xTicks = timeTicks(options.durationS, 6);
  const x = (seconds: number): number =>
    round(SIZE.left + (seconds / options.durationS) * (SIZE.width - SIZE.left - SIZE.right));
  const y = (value: number): number =>
    round(SIZE.height - SIZE.bottom - (value / top) * (SIZE.height - SIZE.top - SIZE.bottom));
  const [right, bottom] = [SIZE.width - SIZE.right, SIZE.height - SIZE.bottom];
  const { reference } = options;
  return html`<figure class="chart">
    <figcaption>
      <b>${options.title}</b> <span class="unit">${options.unit}</span>
      <span class="legend">${options.series.map((series) => legend(series))}</span>
    </figcaption>
    <svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${options.title} over time">
      ${yTicks.map(
        (tick) =>
          html`<line class="grid" x1="${SIZE.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" />
            <text class="tick" x="${SIZE.left - 8}" y="${y(tick) + 4}" text-anchor="end"
              >${formatTick(tick)}</text
            >`,
      )}
      ${(options.marks ?? []).map(
        (mark) => html`<line class="mark" x1="${x(mark)}" x2="${x(mark)}" y1="${SIZE.top}" y2="${bottom}" />`,
      )}
      ${xTicks.map(
        (tick) =>
          html`<text class="tick" x="${x(tick)}" y="${SIZE.height - 6}" text-anchor="middle"
            >${clock(tick)}</text
          >`,
      )}
      ${
        reference === undefined
          ? null
          : html`<line
                class="reference"
                x1="${SIZE.left}"
                x2="${right}"
                y1="${y(reference.value)}"
                y2="${y(reference.value)}"
              />
              <text class="tick" x="${right}" y="${y(reference.value) - 4}" text-anchor="end"
                >${reference.label}</text
              >`
      }
      ${options.series.map((series) => html`<path class="line ${series.style}" d="${path(series, x, y)}" />`)}
    </svg>
  </figure>`;
}

/** Minutes and seconds; tenths below ten seconds' distance are the caller's business. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(m).padStart(h > 0 ? 2 : 1, '0')}:${String(s).padStart(2, '0')}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

/** Round steps from 0 to at least `most`, about `count` of them. */
export function niceTicks(most: number, count: number): number[] {
  const raw = Math.max(most, 1e-9) / count;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10]
    .map((factor) => factor * magnitude)
    .find((candidate) => candidate >= raw * 0.999)!;
  const steps = Math.ceil(most / step - 1e-9);
  return Array.from({ length: Math.max(1, steps) + 1 }, (_, index) => Number((index * step).toPrecision(10)));
}

/** Moments for a time axis, on whole steps of seconds, minutes or hours. */
export function timeTicks(durationS: number, count: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
  const step = steps.find((candidate) => durationS / candidate <= count) ?? 28_800;
  return Array.from({ length: Math.floor(durationS / step) + 1 }, (_, index) => index * step);
}

function legend(series: Series): Html {
  return html`<span class="key"
    ><svg viewBox="0 0 20 8" aria-hidden="true"><path class="line ${series.style}" d="M1 4H19" /></svg
    >${series.name}</span
  >`;
}

function path(series: Series, x: (seconds: number) => number, y: (value: number) => number): string {
  let text = '';
  let isDown = false;
  for (const point of series.points) {
    if (point.y !== null) text += `${isDown ? 'L' : 'M'}${x(point.x)} ${y(point.y)}`;
    isDown = point.y !== null;
  }
  return text;
}

function formatTick(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

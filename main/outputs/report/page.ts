import { lineChart, type Series } from './chart';
import { html, type Html } from './html';
import { PAGE_STYLE } from './page-style';
import { cueTable, destinationTable, engineTable, pairTable } from './page-tables';
import type { ReportData } from './report-data';
import type { Grab, Peaks } from './recording-media';
import type { Cue } from './session-cues';
import type { Figure } from './summary';
import { contactSheet, waveform } from './timeline';

/** Flags above the waveform stay apart up to this many. */
const MOST_FLAGS = 24;

/** The whole report as one HTML document that needs nothing from outside. */
export function reportPage(data: ReportData, grabs: readonly Grab[], peaks: Peaks | null): string {
  const { recording, summary } = data;
  const { video } = recording;
  const flagged = flaggedCues(data.cues);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${data.title} – Fantascope report</title>
        <style>
          ${{ html: PAGE_STYLE }}
        </style>
      </head>
      <body>
        <main>
          <header>
            <div>
              <p class="mark-name">Fantascope</p>
              <h1>${data.title}</h1>
            </div>
            <p class="when">${when(data.date)}<br />${recording.file}</p>
          </header>
          <dl class="figures">${figures(data)}</dl>
          <section>
            <h2>
              The recording
              <small
                >${
                  video === null
                    ? 'no picture'
                    : `${video.width} × ${video.height}, ${video.codec} ${kbps(video.bitrateKbps)}`
                }${recording.audio === null ? ', no sound' : `, ${recording.audio.codec} ${kbps(recording.audio.bitrateKbps)}`}</small
              >
            </h2>
            ${grabs.length === 0 ? html`<p class="none">Pictures and waveform need ffmpeg, which was not found.</p>` : contactSheet(grabs, video === null ? 16 / 9 : video.width / video.height)}
            ${peaks === null ? null : waveform(peaks, recording.durationS, flagged)}
          </section>
          <section>
            <h2>Cues <small>${cueNote(data)}</small></h2>
            ${cueTable(data.cues, flagged)}
          </section>
          <section>
            <h2>
              How it ran
              <small
                >${summary === null ? 'no samples' : `${summary.samples} samples; dotted lines are cues`}</small
              >
            </h2>
            <div class="charts">${charts(data, flagged)}</div>
          </section>
          <section>
            <h2>What ran where</h2>
            ${engineTable(data)}
          </section>
          <section>
            <h2>
              Destinations
              <small
                >${data.destinations.length === 0 ? 'recorded only' : `${data.destinations.length}`}</small
              >
            </h2>
            ${destinationTable(data)}
          </section>
          <section>
            <h2>Machine and versions</h2>
            <div class="pair">${pairTable(data.machine)}${pairTable(data.versions)}</div>
          </section>
          <footer>
            Every figure on this page was measured during this recording or read from its file; the same
            figures are in report.json.
          </footer>
        </main>
      </body>
    </html> `;
  return page.html;
}

function figures(data: ReportData): Html[] {
  const { recording, summary } = data;
  const list: Html[] = [
    figure(
      'Length',
      duration(recording.durationS),
      '',
      `${bytes(recording.bytes)}, ${recording.video?.frames ?? 0} frames`,
    ),
  ];
  if (summary === null) return list;
  list.push(
    figure('Programme', summary.fps.mean.toFixed(1), 'fps', `lowest second ${summary.fps.lowest.toFixed(1)}`),
    figure('Late ticks', percent(summary.lateTickShare), '', `${percent(summary.skippedTickShare)} skipped`),
  );
  for (const engine of summary.engines) {
    const name = data.layerNames[engine.layerId] ?? engine.layerId;
    list.push(figure(`Engine pictures, ${name}`, engine.fps.toFixed(1), 'fps', `${engine.dropped} dropped`));
    if (engine.knobToPixel !== null) list.push(spread('Knob → pixel', engine.knobToPixel));
  }
  if (summary.encode !== null) list.push(spread('Encode', summary.encode));
  return list.slice(0, 6);
}

function charts(data: ReportData, flagged: readonly Cue[]): Html[] {
  const { stats, summary } = data;
  const base = { durationS: data.recording.durationS, marks: flagged.map((cue) => cue.atS) };
  const at = (
    name: string,
    style: string,
    pick: (sample: (typeof stats)[number]) => number | null,
  ): Series => ({
    name,
    style,
    points: stats.map((sample) => ({ x: sample.atS, y: pick(sample) })),
  });
  const engines = (summary?.engines ?? []).slice(0, 2);
  const engineOf = (sample: (typeof stats)[number], layerId: string) =>
    sample.engines.find((engine) => engine.layerId === layerId);
  const name = (layerId: string): string => data.layerNames[layerId] ?? layerId;
  return [
    lineChart({
      ...base,
      title: 'Frame rate',
      unit: 'pictures a second',
      reference: { value: 30, label: '30' },
      series: [
        at('programme', 's1', (sample) => sample.fps),
        ...engines.map(({ layerId }, index) =>
          at(`engine, ${name(layerId)}`, `s${index + 2}`, (sample) => engineOf(sample, layerId)?.fps ?? null),
        ),
      ],
    }),
    lineChart({
      ...base,
      title: 'Knob → pixel',
      unit: 'ms from the input event to the programme frame',
      series: engines
        .slice(0, 1)
        .flatMap(({ layerId }) => [
          at('p50', 's1', (sample) => engineOf(sample, layerId)?.knobToPixelMs?.p50 ?? null),
          at('p95', 's2', (sample) => engineOf(sample, layerId)?.knobToPixelMs?.p95 ?? null),
        ]),
    }),
    lineChart({
      ...base,
      title: 'Compositor',
      unit: 'ms a frame',
      series: [
        at('p50', 's1', (sample) => (sample.compositeMs.n > 0 ? sample.compositeMs.p50 : null)),
        at('p95', 's2', (sample) => (sample.compositeMs.n > 0 ? sample.compositeMs.p95 : null)),
      ],
    }),
    lineChart({
      ...base,
      title: 'Encoder',
      unit: 'ms a frame',
      series: [
        at('p50', 's1', (sample) => (sample.encodeMs.n > 0 ? sample.encodeMs.p50 : null)),
        at('p95', 's2', (sample) => (sample.encodeMs.n > 0 ? sample.encodeMs.p95 : null)),
      ],
    }),
  ];
}

/** The cues that get a number: the author's named ones where there are any, else the first ones. */
function flaggedCues(cues: readonly Cue[]): Cue[] {
  const named = cues.filter((cue) => cue.named);
  return (named.length > 0 ? named : cues.filter((cue) => cue.kind === 'command')).slice(0, MOST_FLAGS);
}

function cueNote(data: ReportData): string {
  const lost = data.unreadableLogLines;
  if (data.cues.length === 0) return 'none were given';
  return `${data.cues.length}${lost === 0 ? '' : `; ${lost} lines of the log could not be read`}`;
}

function figure(name: string, value: string, unit: string, note: string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value} <small>${unit}</small></dd>
    <p>${note}</p>
  </div>`;
}

function spread(name: string, { p50Ms, worstP95Ms }: Figure): Html {
  return figure(name, milliseconds(p50Ms), 'ms p50', `worst p95 ${milliseconds(worstP95Ms)} ms`);
}

function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function kbps(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} Mbit/s` : `${value} kbit/s`;
}

function bytes(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} GB`;
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} MB` : `${Math.ceil(value / 1000)} kB`;
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds - minutes * 60;
  return minutes === 0 ? `${rest.toFixed(1)} s` : `${minutes} min ${Math.floor(rest)} s`;
}

function when(date: string): string {
  return date.replace('T', ' ').replace(/(:\d\d)(?::\d\d(?:\.\d+)?)?Z$/, '$1 UTC');
}

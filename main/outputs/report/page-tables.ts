import { clock } from './chart';
import { html, type Html } from './html';
import type { ReportData } from './report-data';
import type { Cue } from './session-cues';

/** A page stays readable up to this many cues; all are in report.json. */
const MOST_CUES = 200;

/** The show's moments in order; numbered where a flag on the waveform has that number. */
export function cueTable(cues: readonly Cue[], flagged: readonly Cue[]): Html | null {
  if (cues.length === 0) return null;
  const rest = cues.length - MOST_CUES;
  return html`<table>
      <thead>
        <tr>
          <th class="number">#</th>
          <th class="number">time</th>
          <th>what</th>
        </tr>
      </thead>
      <tbody>
        ${cues.slice(0, MOST_CUES).map((cue) => {
          const flag = flagged.indexOf(cue);
          return html`<tr>
            <td class="number strong">${flag === -1 ? '' : flag + 1}</td>
            <td class="number">${tenths(cue.atS)}</td>
            <td>
              ${cue.text}${cue.count === 1 ? null : html` <span class="count">· one movement of ${cue.count}</span>`}
            </td>
          </tr>`;
        })}
      </tbody>
    </table>
    ${rest > 0 ? html`<p class="none">and ${rest} more in report.json</p>` : null}`;
}

/** Each engine with its model, provider and speed; then stage and encoder. */
export function engineTable(data: ReportData): Html {
  const { summary } = data;
  const stages = (summary?.engines ?? []).flatMap((engine) =>
    Object.entries(engine.stagesMs).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`),
  );
  return html`<table>
    <thead>
      <tr>
        <th>part</th>
        <th>runs on</th>
        <th>with</th>
        <th>time a picture</th>
      </tr>
    </thead>
    <tbody>
      ${data.engines.map(
        (engine) =>
          html`<tr>
            <td class="strong">${engine.name}</td>
            <td>${engine.provider ?? 'did not run'}</td>
            <td>
              ${engine.model ?? '–'}${engine.restarts === 0 ? null : html` <span class="trouble">restarted ${engine.restarts} times</span>`}
              ${Object.entries(engine.hashes).map(([file, hash]) => html`<br /><code>${file} ${hash.slice(0, 16)}…</code>`)}
            </td>
            <td>${stages.length === 0 ? '–' : stages.join(', ')}</td>
          </tr>`,
      )}
      ${
        summary === null
          ? null
          : html`<tr>
                <td class="strong">compositor</td>
                <td>${summary.backend}</td>
                <td>–</td>
                <td>${figureText(summary.composite)}</td>
              </tr>
              <tr>
                <td class="strong">encoder</td>
                <td>${summary.encoder ?? 'none'}</td>
                <td>${data.recording.video?.codec ?? '–'}</td>
                <td>${figureText(summary.encode)}</td>
              </tr>`
      }
    </tbody>
  </table>`;
}

/** Each destination with what it got and how its connection went. */
export function destinationTable(data: ReportData): Html | null {
  if (data.destinations.length === 0) return null;
  return html`<table>
    <thead>
      <tr>
        <th>name</th>
        <th>address</th>
        <th>state</th>
        <th class="number">frames sent</th>
        <th class="number">dropped</th>
      </tr>
    </thead>
    <tbody>
      ${data.destinations.map(
        ({ name, url, live, moves }) =>
          html`<tr>
            <td class="strong">${name}</td>
            <td>${url}</td>
            <td>
              ${live.state}${live.error === null ? null : html` <span class="trouble">${live.error.message}</span>`}
              ${moves.length === 0 ? null : html`<br /><span class="moves">${moves.map((move) => `${clock(move.atS)} ${move.state}`).join(' → ')}</span>`}
            </td>
            <td class="number">${live.sentFrames}</td>
            <td class="number">${live.droppedFrames}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Names and values in two columns. */
export function pairTable(pairs: Readonly<Record<string, string>>): Html {
  return html`<table>
    <tbody>
      ${Object.entries(pairs).map(
        ([name, value]) =>
          html`<tr>
            <td>${name}</td>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function figureText(figure: { p50Ms: number; worstP95Ms: number } | null): string {
  return figure === null
    ? '–'
    : `p50 ${figure.p50Ms.toFixed(1)} ms, worst p95 ${figure.worstP95Ms.toFixed(1)} ms`;
}

function tenths(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${clock(whole)}.${Math.floor((seconds - whole) * 10)}`;
}

import type { Cue } from './cue-maker';

/** How one kind of subtitle file is written; `number` counts cues from 1. */
export type SubtitleFormat = {
  readonly ending: 'srt' | 'vtt';
  readonly head: string;
  cue(cue: Cue, number: number): string;
};

/** SubRip. It has no escapes: what a player would take for markup becomes a look-alike. */
export const SRT: SubtitleFormat = {
  ending: 'srt',
  head: '',
  cue: ({ startUs, endUs, lines }, number) =>
    `${number}\n${clock(startUs, ',')} --> ${clock(endUs, ',')}\n${lines.map(plainLine).join('\n')}\n\n`,
};

/** WebVTT. */
export const VTT: SubtitleFormat = {
  ending: 'vtt',
  head: 'WEBVTT\n\n',
  cue: ({ startUs, endUs, lines }) =>
    `${clock(startUs, '.')} --> ${clock(endUs, '.')}\n${lines.map(escapedLine).join('\n')}\n\n`,
};

function plainLine(line: string): string {
  return oneLine(line).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('{', '(').replaceAll('}', ')');
}

function escapedLine(line: string): string {
  return oneLine(line).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ').trim() || '-';
}

/** HH:MM:SS and milliseconds; hours take the digits they need. */
function clock(us: number, point: string): string {
  const ms = Math.max(0, Math.round(us / 1000));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${point}${String(ms % 1000).padStart(3, '0')}`;
}

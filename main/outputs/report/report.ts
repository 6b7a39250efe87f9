import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { StudioError } from '../../../contract/errors';
import { redact } from '../redact';
import { reportPage } from './page';
import { grabFrames, readMediaFacts, readPeaks } from './recording-media';
import type { ReportData } from './report-data';
import type { ReportInput } from './report-input';
import { readSessionCues } from './session-cues';
import { summarise } from './summary';

/** Pictures of the contact sheet and stretches of the waveform. */
const GRABS = 12;
const PEAKS = 1_080;

/**
 * Tells what a recording is and how it ran: `report.json`, and `report.html` that needs nothing
 * from outside. Times count from the recording's begin; addresses lose their keys.
 * @throws StudioError `recording.failed` when the recording cannot be read, `ffmpeg.failed`.
 */
export async function writeReport(
  input: ReportInput,
  outDir: string,
): Promise<{ jsonFile: string; htmlFile: string }> {
  const media = await readMediaFacts(input.recordingFile).catch((error: unknown) => {
    const message = `A report needs a readable recording, got "${input.recordingFile}".`;
    throw new StudioError('output', 'recording.failed', message, { cause: error });
  });
  const { cues, unreadableLines } = await readSessionCues(input.sessionLogFile, input.startedUs);
  const seconds = (atUs: number): number => (atUs - input.startedUs) / 1e6;
  const stats = input.stats
    .map((sample) => ({ ...sample, atS: seconds(sample.atUs) }))
    .filter((sample) => sample.atS >= 0 && sample.atS <= media.durationS);
  const data = clean({
    version: 1,
    title: input.title,
    date: input.date,
    recording: { file: basename(input.recordingFile), ...media },
    summary: summarise(stats),
    cues: cues.filter((cue) => cue.atS <= media.durationS + 1),
    unreadableLogLines: unreadableLines,
    engines: input.engines,
    destinations: input.destinations.map((destination) => ({
      ...destination,
      url: redact(destination.url),
      moves: destination.moves.map((move) => ({ atS: Math.max(0, seconds(move.atUs)), state: move.state })),
    })),
    versions: input.versions,
    machine: input.machine,
    layerNames: input.layerNames,
    stats,
  });
  const { ffmpeg, recordingFile } = input;
  const { durationS } = media;
  const grabs =
    ffmpeg === null || media.video === null ? [] : await grabFrames(ffmpeg, recordingFile, durationS, GRABS);
  const peaks =
    ffmpeg === null || media.audio === null ? null : await readPeaks(ffmpeg, recordingFile, durationS, PEAKS);
  await mkdir(outDir, { recursive: true });
  const jsonFile = join(outDir, 'report.json');
  const htmlFile = join(outDir, 'report.html');
  await writeFileAtomic(jsonFile, `${JSON.stringify(data, null, 2)}\n`);
  await writeFileAtomic(htmlFile, reportPage(data, grabs, peaks));
  return { jsonFile, htmlFile };
}

/** Strikes secrets out of every text of the report, wherever they came in. */
function clean(data: ReportData): ReportData {
  return JSON.parse(
    JSON.stringify(data, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value)),
  ) as ReportData;
}

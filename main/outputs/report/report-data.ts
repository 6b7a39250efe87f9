import type { StageStats } from '../../../contract/stage';
import type { ReportInput } from './report-input';
import type { MediaFacts } from './recording-media';
import type { Cue } from './session-cues';
import type { Summary } from './summary';

/** Everything in the report but pictures and waveform: the content of `report.json`. */
export type ReportData = {
  version: 1;
  title: string;
  date: string;
  recording: { file: string } & MediaFacts;
  summary: Summary | null;
  cues: readonly Cue[];
  unreadableLogLines: number;
  engines: ReportInput['engines'];
  destinations: readonly (Omit<ReportInput['destinations'][number], 'moves'> & {
    moves: readonly { atS: number; state: string }[];
  })[];
  versions: ReportInput['versions'];
  machine: ReportInput['machine'];
  layerNames: ReportInput['layerNames'];
  /** The samples as they came, with the recording's own time. */
  stats: readonly (StageStats & { atS: number })[];
};

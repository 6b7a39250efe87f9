import { toStudioError } from '../../../contract/errors';
import type { Show } from '../../../contract/show';
import type { FinishedRecording } from '../recording-desk';
import type { LaunchedStudio } from '../launch';
import { ShowWitness } from './show-report';

const READY_TIMEOUT_MS = 90_000;
const START_TIMEOUT_MS = 30_000;
/** How far the recording may be off the length the show asked for. */
const LENGTH_TOLERANCE_US = 1e6;

export type ShowOutcome = { ok: boolean; summary: string; problems: string[]; files: string[] };

export type PlayShowOptions = {
  /** A line of progress for people. */
  say: (line: string) => void;
  /** Ends the show early; what was recorded stays. */
  signal: AbortSignal;
};

/**
 * Plays a show without hands: waits until window and engine are ready, records, gives each
 * cue's command at its time, and ends the recording. Whatever went wrong is in `problems`;
 * `ok` is true only when there is none.
 */
export async function playShow(
  launched: LaunchedStudio,
  show: Show,
  outDir: string,
  { say, signal }: PlayShowOptions,
): Promise<ShowOutcome> {
  const problems: string[] = [];
  const witness = new ShowWitness(launched);
  try {
    say(`Preparing "${show.title}" …`);
    await launched.whenReady(READY_TIMEOUT_MS);
    restartFilms(launched);
    launched.studio.command({ command: { type: 'recording.start' }, inputUs: 0 });
    const startUs = await untilRecording(launched);
    launched.recording.note('first-frame', { programmeUs: startUs });
    say(`Recording ${show.durationS} s …`);
    await giveCues(launched, show, startUs, { say, signal, problems });
    await waitUntil(launched, startUs + show.durationS * 1e6, signal);
    if (signal.aborted) problems.push('The show was interrupted.');
  } catch (error) {
    problems.push(toStudioError(error, 'show').message);
  }
  const finished = await launched.recording.stop();
  witness.stop();
  problems.push(...witness.troubles, ...judge(finished, show, signal));
  if (finished?.files[0]) {
    say('Writing the report …');
    await witness
      .report(show, finished, outDir)
      .catch((error: unknown) => problems.push(toStudioError(error, 'show').message));
  }
  const file = finished?.files[0];
  const summary =
    problems.length === 0
      ? `Show finished: ${file} (${(finished!.durationUs / 1e6).toFixed(1)} s)`
      : `Show failed: ${[...new Set(problems)].join(' ')}`;
  return { ok: problems.length === 0, summary, problems, files: finished?.files ?? [] };
}

/** Films and sound files begin with the show, not with the launch. */
function restartFilms({ studio, nowUs }: LaunchedStudio): void {
  for (const layerId of Object.keys(studio.state.layers)) {
    studio.command({ command: { type: 'layer.seek', layerId, positionUs: 0 }, inputUs: 0 });
  }
  const strips = Object.fromEntries(
    Object.entries(studio.state.strips).map(([id, live]) => [id, { ...live, originUs: nowUs() }]),
  );
  studio.update({ strips });
}

async function untilRecording({ studio, recording }: LaunchedStudio): Promise<number> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const live = recording.recorder.live();
    if (live.state === 'recording' && live.durationUs > 0) return live.startedUs!;
    const trouble =
      studio.state.recording.error ?? studio.state.notices.find((n) => n.key === 'recording')?.error;
    if (trouble) throw new Error(trouble.message);
    if (Date.now() > deadline)
      throw new Error('The recording did not begin: no picture came from the window.');
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function giveCues(
  launched: LaunchedStudio,
  show: Show,
  startUs: number,
  { say, signal, problems }: PlayShowOptions & { problems: string[] },
): Promise<void> {
  for (const cue of [...show.cues].sort((a, b) => a.atS - b.atS)) {
    await waitUntil(launched, startUs + cue.atS * 1e6, signal);
    if (signal.aborted) return;
    try {
      launched.recording.labelNext(cue.label ?? null);
      launched.studio.command({ command: cue.command, inputUs: launched.nowUs() });
      say(`${cue.atS.toFixed(1).padStart(6)} s  ${cue.label ?? cue.command.type}`);
    } catch (error) {
      problems.push(`The cue at ${cue.atS} s failed: ${toStudioError(error, 'show').message}`);
    }
  }
}

async function waitUntil({ nowUs }: LaunchedStudio, us: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = (us - nowUs()) / 1000; leftMs > 0 && !signal.aborted; leftMs = (us - nowUs()) / 1000) {
    await new Promise((done) => setTimeout(done, Math.min(leftMs, 200)));
  }
}

function judge(finished: FinishedRecording | null, show: Show, signal: AbortSignal): string[] {
  if (!finished || finished.files.length === 0) return ['There is no recording.'];
  if (finished.error) return [finished.error.message];
  const offUs = Math.abs(finished.durationUs - show.durationS * 1e6);
  if (!signal.aborted && offUs > LENGTH_TOLERANCE_US) {
    return [`The recording has ${(finished.durationUs / 1e6).toFixed(1)} s instead of ${show.durationS} s.`];
  }
  return [];
}

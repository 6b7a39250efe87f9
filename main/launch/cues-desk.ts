import { toStudioError } from '../../contract/errors';
import type { Studio } from '../studio/studio';

/** Cues are looked at this often; one plays at most this late. */
const CUE_TICK_MS = 20;

/** Plays the cues that have a time, while their clock runs. */
export class CuesDesk {
  private readonly studio: Studio;
  private readonly nowUs: () => number;
  private readonly timer: NodeJS.Timeout;

  constructor(studio: Studio, nowUs: () => number) {
    this.studio = studio;
    this.nowUs = nowUs;
    this.timer = setInterval(() => this.tick(), CUE_TICK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const { cues, project } = this.studio.state;
    if (cues.startedUs === null) return;
    const elapsedMs = (this.nowUs() - cues.startedUs) / 1000;
    const due = project.cues
      .filter((cue) => cue.atMs !== null && cue.atMs <= elapsedMs && !cues.played.includes(cue.id))
      .sort((a, b) => a.atMs! - b.atMs!);
    for (const { id } of due) this.play(id);
  }

  private play(cueId: string): void {
    try {
      this.studio.command({ command: { type: 'cue.play', cueId }, inputUs: this.nowUs() });
    } catch (error) {
      // Its layer is gone: said once, and the cues after it go on.
      this.studio.skipCue(cueId);
      this.studio.notify('cues', toStudioError(error, 'studio', 'argument.invalid').toShape());
    }
  }
}

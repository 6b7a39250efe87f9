import type { Project } from '../../contract/project';

const MAX_STEPS = 200;
/** Edits of the same thing closer together than this are one step. */
const COALESCE_MS = 800;

type Step = { label: string; key: string; atMs: number; before: Project; after: Project };

/**
 * Undo and redo over whole project snapshots. Snapshots share structure, so a step costs
 * what changed and no more.
 */
export class History {
  private done: Step[] = [];
  private undone: Step[] = [];

  /** Notes an edit; a storm of edits with one key becomes one step. */
  note(label: string, key: string, before: Project, after: Project, nowMs: number): void {
    const last = this.done.at(-1);
    this.undone = [];
    if (last && last.key === key && nowMs - last.atMs < COALESCE_MS) {
      this.done[this.done.length - 1] = { ...last, after, atMs: nowMs };
      return;
    }
    this.done.push({ label, key, atMs: nowMs, before, after });
    if (this.done.length > MAX_STEPS) this.done.shift();
  }

  /** The project before the last step, or null when there is none. */
  undo(): Project | null {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(step);
    return step.before;
  }

  /** The project after the last undone step, or null when there is none. */
  redo(): Project | null {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push({ ...step, atMs: 0 });
    return step.after;
  }

  /** What undo would take back, in words. */
  get undoLabel(): string | null {
    return this.done.at(-1)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.undone.at(-1)?.label ?? null;
  }

  clear(): void {
    this.done = [];
    this.undone = [];
  }
}

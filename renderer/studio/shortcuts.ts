import type { Studio } from './studio.svelte';

/** The part of a key press that decides. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** A deed that a key of the whole window asks for. */
export type Shortcut =
  | { kind: 'undo' }
  | { kind: 'redo' }
  | { kind: 'cue'; slot: number }
  | { kind: 'store-cue'; slot: number }
  | { kind: 'run-cues' }
  | { kind: 'prompt' }
  | { kind: 'record' }
  | { kind: 'stop-recording' }
  | { kind: 'scene'; way: 1 | -1 }
  | { kind: 'health' }
  | { kind: 'models' }
  | { kind: 'help' };

/** What a key means; `writing` while a field takes letters, where only Ctrl keys are ours. */
export function shortcutOf(press: KeyPress, writing: boolean): Shortcut | null {
  const command = press.ctrlKey || press.metaKey;
  if (writing) return null;
  if (command && press.key.toLowerCase() === 'z') return { kind: press.shiftKey ? 'redo' : 'undo' };
  if (command && press.key.toLowerCase() === 'y') return { kind: 'redo' };
  if (command || press.altKey) return null;
  // The digit's place on the keyboard, because Shift+1 writes "!" or "+" or "1" by layout.
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(press.code)?.[1];
  if (digit) return { kind: press.shiftKey ? 'store-cue' : 'cue', slot: Number(digit) - 1 };
  if (press.key.toLowerCase() === 'g') return { kind: 'run-cues' };
  if (press.key === '?') return { kind: 'help' };
  if (press.key === '[' || press.key === ']') return { kind: 'scene', way: press.key === '[' ? -1 : 1 };
  if (press.key.toLowerCase() === 'h') return { kind: 'health' };
  if (press.key.toLowerCase() === 'm') return { kind: 'models' };
  if (press.key.toLowerCase() === 'p') return { kind: 'prompt' };
  if (press.key.toLowerCase() === 'r') return { kind: press.shiftKey ? 'stop-recording' : 'record' };
  return null;
}

/** Whether an element takes letters for itself. */
export function isWriting(element: EventTarget | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element instanceof HTMLInputElement)
    return !['checkbox', 'color', 'range', 'button'].includes(element.type);
  return (
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    element.isContentEditable
  );
}

/** Does what a shortcut asks for; `inputMs` is the `timeStamp` of its key press. */
export function runShortcut(studio: Studio, shortcut: Shortcut, inputMs: number): void {
  switch (shortcut.kind) {
    case 'undo':
    case 'redo':
      void studio.command({ type: `history.${shortcut.kind}` }, inputMs);
      return;
    case 'cue':
      studio.cues.playSlot(shortcut.slot, inputMs);
      return;
    case 'store-cue':
      studio.cues.keep(shortcut.slot);
      return;
    case 'run-cues': {
      const running = studio.cuesMs !== null;
      const timed = studio.project?.cues.some((cue) => cue.atMs !== null);
      if (running || timed) studio.cues.run(!running, inputMs);
      return;
    }
    case 'prompt':
      document.getElementById('prompt')?.focus();
      return;
    case 'record':
      if (studio.state?.recording.state === 'idle') void studio.command({ type: 'recording.start' }, inputMs);
      return;
    case 'stop-recording':
      if (studio.recordingRuns) void studio.command({ type: 'recording.stop' }, inputMs);
      return;
    case 'scene': {
      const scenes = studio.project?.scenes ?? [];
      const here = scenes.findIndex((scene) => scene.id === studio.project?.activeSceneId);
      const next = scenes[here + shortcut.way];
      if (next) studio.take(next.id, inputMs);
      return;
    }
    case 'health':
      studio.preferences.pinHealth(!studio.preferences.healthPinned);
      return;
    case 'models':
      studio.showModels();
      return;
    case 'help':
      studio.dialog = { kind: 'help' };
  }
}

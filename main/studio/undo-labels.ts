import type { EditCommand } from './edit';

/** What undo and redo call each edit; null: the edit is not undoable. */
const LABELS: Record<EditCommand['type'], string | null> = {
  'project.rename': 'rename project',
  'programme.update': 'change programme size',
  'recording.configure': 'change recording settings',
  'scene.add': 'add scene',
  'scene.rename': 'rename scene',
  'scene.remove': 'remove scene',
  'scene.take': null,
  'media.add': null,
  'layer.add': 'add layer',
  'layer.update': 'change layer',
  'layer.move': 'reorder layers',
  'layer.remove': 'remove layer',
  'engine.set': 'change engine',
  'engine.update': 'change engine settings',
  'generate.update': 'change made picture',
  'captions.update': 'change captions',
  'cue.set': 'keep cue',
  'cue.remove': 'remove cue',
  'obs.configure': 'change OBS settings',
  'strip.add': 'add strip',
  'strip.update': 'change strip',
  'strip.remove': 'remove strip',
  'master.update': 'change master level',
  'destination.add': 'add destination',
  'destination.update': 'change destination',
  'destination.remove': 'remove destination',
};

/** The words for an edit's undo step, or null when it cannot be undone. */
export function undoLabel(command: EditCommand): string | null {
  return LABELS[command.type];
}

/** Edits with the same key in quick succession become one undo step. */
export function coalesceKey(command: EditCommand): string {
  const { type, ...rest } = command as EditCommand & { patch?: object };
  if (!rest.patch && type !== 'master.update') return `${type}:${Math.random()}`;
  const id = Object.values(rest).find((value) => typeof value === 'string') ?? '';
  return `${type}:${id}:${Object.keys(rest.patch ?? {})
    .sort()
    .join()}`;
}

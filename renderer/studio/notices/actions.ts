import type { ErrorAction } from '../../../contract/errors';
import type { Studio } from '../studio.svelte';
import { engineOf, type Notice } from './notices.svelte';

/** What the buttons beside errors say. */
export const ACTION_WORDS: Readonly<Record<Exclude<ErrorAction, 'none'>, string>> = {
  retry: 'Try again',
  'choose-device': 'Choose another',
  'choose-folder': 'Choose a folder',
  'open-settings': 'Open settings',
  'open-models': 'Open models',
  'restart-engine': 'Restart the engine',
};

/** The part of a notice's key after its kind (`layer-…`, `live-…`): the id it speaks of. */
function subjectOf(notice: Notice): string | null {
  return /^[a-z]+-(.+)$/.exec(notice.key)?.[1] ?? null;
}

/** Whether a notice speaks of OBS or of the virtual camera. */
function isOf({ key, error }: Notice, part: 'obs' | 'camera'): boolean {
  return error.code.startsWith(`${part}.`) || key === part;
}

/** The notice of a project that could not be written by itself. */
const AUTOSAVE_KEY = 'project-save';

/** Whether the button of a notice leads anywhere. */
export function canActOn({ key, error }: Pick<Notice, 'key' | 'error'>): boolean {
  // Saving under another name is tried again where the name is typed.
  return error.code !== 'project.write-failed' || key === AUTOSAVE_KEY;
}

/** Does what helps against an error. */
export function actOn(studio: Studio, notice: Notice): void {
  const subject = subjectOf(notice);
  const destination = studio.project?.destinations.find((one) => one.id === subject);
  switch (notice.action) {
    case 'restart-engine':
      void studio.command({ type: 'engine.restart', engine: engineOf(notice.key) ?? 'animate' });
      return;
    case 'choose-folder':
      // A browser has no dialog that tells a path: there the folder is typed.
      if (studio.state?.shell.kind === 'electron') void chooseFolder(studio);
      else studio.outputSettingsOpen = true;
      return;
    case 'open-settings':
      if (isOf(notice, 'camera')) studio.cameraWaysOpen = true;
      else if (isOf(notice, 'obs')) studio.dialog = { kind: 'obs' };
      else studio.dialog = { kind: 'destination', destinationId: destination?.id ?? null };
      return;
    case 'open-models': {
      const engine = engineOf(notice.key);
      if (engine) studio.showModels({ engine });
      else studio.showModels(subject === null ? {} : { modelId: subject });
      return;
    }
    case 'choose-device':
      if (subject) studio.select(subject);
      return;
    case 'retry':
      if (destination) void studio.command({ type: 'live.start', destinationId: destination.id });
      else if (isOf(notice, 'camera')) startCamera(studio);
      else if (isOf(notice, 'obs')) void studio.command({ type: 'obs.start' });
      else if (notice.key === AUTOSAVE_KEY) void saveAgain(studio);
      else if (notice.error.code === 'recording.failed') void studio.command({ type: 'recording.start' });
      else {
        studio.cameras.retry();
        studio.sound.retry();
      }
      return;
    case 'none':
  }
}

/** The way it was last seen by, else the first that works here. */
function startCamera(studio: Studio): void {
  const camera = studio.state?.virtualCamera;
  const backend = camera?.backend ?? camera?.capabilities.find((one) => one.available)?.backend;
  if (backend) void studio.command({ type: 'camera.start', backend });
  else studio.cameraWaysOpen = true;
}

async function chooseFolder(studio: Studio): Promise<void> {
  const folder = await studio.session.ask((main) => main.chooseFile('folder'));
  if (folder) await studio.command({ type: 'recording.configure', recording: { folder } });
}

/** Writes the project to the file it already has. */
async function saveAgain(studio: Studio): Promise<void> {
  const file = studio.state?.projectFile;
  if (file) await studio.session.ask((main) => main.saveProjectAs(file));
}

import { dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { FilePurpose } from '../../contract/rpc';
import { readWebAddress } from '../../contract/web-address';
import { StudioError } from '../../contract/errors';
import type { Shell } from '../studio/shell';

const OPEN_OPTIONS: Record<FilePurpose, OpenDialogOptions> = {
  media: {
    title: 'Add a film, picture or sound',
    properties: ['openFile'],
    filters: [
      {
        name: 'Media',
        extensions: [
          'mp4',
          'm4v',
          'mov',
          'mkv',
          'webm',
          'png',
          'jpg',
          'jpeg',
          'webp',
          'wav',
          'flac',
          'mp3',
          'ogg',
        ],
      },
      { name: 'All files', extensions: ['*'] },
    ],
  },
  project: {
    title: 'Open a project',
    properties: ['openFile'],
    filters: [{ name: 'Fantascope project', extensions: ['json'] }],
  },
  folder: { title: 'Choose a folder', properties: ['openDirectory', 'createDirectory'] },
  bundle: {
    title: 'Choose a bundle of models',
    properties: ['openFile'],
    // Of a name with two endings dialogs know the last.
    filters: [{ name: 'Bundle of models', extensions: ['tar', 'tgz', 'gz'] }],
  },
};

/** Native file dialogs over the window that is open now, and what is shown by other programs. */
export function createDialogs(
  currentWindow: () => BrowserWindow | null,
): Pick<Shell, 'chooseFile' | 'openExternal' | 'revealFile'> {
  return {
    chooseFile: async (purpose) => {
      const owner = currentWindow();
      const options = OPEN_OPTIONS[purpose];
      const answer = owner
        ? await dialog.showOpenDialog(owner, options)
        : await dialog.showOpenDialog(options);
      return answer.canceled ? null : (answer.filePaths[0] ?? null);
    },
    openExternal: async (text) => {
      // Checked here too: what the system is handed decides which program it starts.
      const address = readWebAddress(text);
      if (address === null)
        throw new StudioError('shell', 'argument.invalid', 'Only https pages are opened in the browser.');
      await shell.openExternal(address);
    },
    revealFile: (path) => {
      shell.showItemInFolder(path);
      return Promise.resolve();
    },
  };
}

/** Asks whether to quit while on air. Enter and Escape both mean no. */
export async function confirmQuitOnAir(owner: BrowserWindow | null): Promise<boolean> {
  const options = {
    type: 'warning' as const,
    message: 'You are on air.',
    detail: 'Quitting ends the recording and every live output.',
    buttons: ['Stay on air', 'End and quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  };
  const answer = owner ? await dialog.showMessageBox(owner, options) : await dialog.showMessageBox(options);
  return answer.response === 1;
}

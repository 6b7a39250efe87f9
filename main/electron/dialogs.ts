import { dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { Shell } from '../studio/shell';

const OPEN_OPTIONS: Record<Parameters<Shell['chooseFile']>[0], OpenDialogOptions> = {
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
};

/** Native file dialogs over the window that is open now. */
export function createDialogs(
  currentWindow: () => BrowserWindow | null,
): Pick<Shell, 'chooseFile' | 'revealFile'> {
  return {
    chooseFile: async (purpose) => {
      const owner = currentWindow();
      const options = OPEN_OPTIONS[purpose];
      const answer = owner
        ? await dialog.showOpenDialog(owner, options)
        : await dialog.showOpenDialog(options);
      return answer.canceled ? null : (answer.filePaths[0] ?? null);
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

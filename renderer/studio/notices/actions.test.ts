import { beforeEach, expect, test } from 'vitest';
import type { Command } from '../../../contract/commands';
import type { ErrorCode } from '../../../contract/errors';
import { emptyProject } from '../../../contract/project';
import type { StudioFunctions } from '../../../contract/rpc';
import type { Studio } from '../studio.svelte';
import { actOn, canActOn } from './actions';
import { noticeOf, type Notice } from './notices.svelte';

let done: unknown[];
let studio: Studio;

beforeEach(() => {
  done = [];
  studio = fakeStudio('browser');
});

function fakeStudio(kind: 'browser' | 'electron'): Studio {
  const twitch = { id: 'd-1', name: 'Twitch', protocol: 'rtmp' as const, url: '', audioBitrateKbps: 160 };
  const project = { ...emptyProject(), destinations: [twitch] };
  const main = {
    saveProjectAs: (path: string) => void done.push(['saveProjectAs', path]),
    chooseFile: (purpose: string) => void done.push(['chooseFile', purpose]),
  } as unknown as StudioFunctions;
  return {
    project,
    state: {
      project,
      projectFile: '/shows/evening.json',
      shell: { kind },
      virtualCamera: {
        backend: null,
        capabilities: [
          { backend: 'v4l2loopback', available: false },
          { backend: 'obs', available: true },
        ],
      },
    },
    outputSettingsOpen: false,
    cameraWaysOpen: false,
    dialog: null,
    command: (command: Command) => done.push(command),
    session: { ask: async (call: (to: StudioFunctions) => unknown) => (call(main), null) },
    cameras: { retry: () => done.push('cameras') },
    sound: { retry: () => done.push('sound') },
  } as unknown as Studio;
}

function notice(key: string, code: ErrorCode): Notice {
  return noticeOf(key, { origin: 'output', code, message: 'It failed.' });
}

test('in a browser a folder is typed into the settings, for no dialog could tell its path', () => {
  actOn(studio, notice('recording', 'recording.folder'));
  expect(studio.outputSettingsOpen).toBe(true);
  expect(done).toEqual([]);
});

test('a shell with dialogs asks for the folder by one', () => {
  studio = fakeStudio('electron');
  actOn(studio, notice('recording', 'recording.disk-full'));
  expect(studio.outputSettingsOpen).toBe(false);
  expect(done).toEqual([['chooseFile', 'folder']]);
});

test('a project that could not be written is written again to its own file', () => {
  const failed = notice('project-save', 'project.write-failed');
  expect(canActOn(failed)).toBe(true);
  actOn(studio, failed);
  expect(done).toEqual([['saveProjectAs', '/shows/evening.json']]);
});

test('a failed save under another name is not tried again under the present one', () => {
  expect(canActOn(notice('local:studio:project.write-failed', 'project.write-failed'))).toBe(false);
});

test.each(['ffmpeg.failed', 'destination.gave-up'] as const)(
  '%s of a destination starts that destination again',
  (code) => {
    actOn(studio, notice('live-d-1', code));
    expect(done).toEqual([{ type: 'live.start', destinationId: 'd-1' }]);
  },
);

test('a refused device is tried again, and no destination is started', () => {
  actOn(studio, notice('layer-cam', 'device.denied'));
  expect(done).toEqual(['cameras', 'sound']);
});

test.each(['obs.absent', 'obs.refused'] as const)(
  '%s opens the settings of OBS, of no destination',
  (code) => {
    actOn(studio, notice('obs', code));
    expect(studio.dialog).toEqual({ kind: 'obs' });
  },
);

test('a camera that is not available here opens the ways to appear as one', () => {
  actOn(studio, notice('camera', 'camera.unavailable'));
  expect(studio.cameraWaysOpen).toBe(true);
  expect(studio.dialog).toBeNull();
});

test('a camera that stopped is started by a way that works here', () => {
  actOn(studio, notice('camera', 'camera.failed'));
  expect(done).toEqual([{ type: 'camera.start', backend: 'obs' }]);
});

test.each(['binaural', 'captions', 'generate'] as const)(
  'the %s engine’s notice restarts that engine',
  (engine) => {
    actOn(studio, notice(`engine-${engine}`, 'engine.failed'));
    expect(done).toEqual([{ type: 'engine.restart', engine }]);
  },
);

test('with four engines a notice tells which of them it speaks of', () => {
  expect(notice('engine-captions', 'model.missing').title).toBe('Captions: the model file is missing.');
  expect(notice('recording', 'recording.failed').title).toBe('The recording stopped.');
});

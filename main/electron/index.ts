import { app, dialog } from 'electron';
import { toStudioError } from '../../contract/errors';
import { Application } from './application';
import { readArguments } from './arguments';
import { appPaths } from './paths';

/** A hidden or covered studio composes the programme all the same, and sound needs no click. */
const SWITCHES = [
  ['autoplay-policy', 'no-user-gesture-required'],
  ['disable-background-timer-throttling'],
  ['disable-renderer-backgrounding'],
  ['disable-backgrounding-occluded-windows'],
] as const;

const { showsDir } = appPaths(app.getAppPath(), process.resourcesPath, app.isPackaged);
const args = readArguments(process.argv, showsDir, process.cwd());
if (args.userData) app.setPath('userData', args.userData);

app.enableSandbox();
for (const [name, value] of SWITCHES) app.commandLine.appendSwitch(name, value);

// since Electron 37 a forgotten rejection only warns; a studio in an unknown state must not go on
process.on('unhandledRejection', (reason) => {
  console.error('Unhandled rejection:', reason);
  app.exit(1);
});

if (app.requestSingleInstanceLock()) {
  const application = new Application();
  app.on('second-instance', () => application.show());
  // not a top-level await: Electron becomes ready only after this module has run to its end
  app
    .whenReady()
    .then(() => application.start(args))
    .catch((error: unknown) => {
      dialog.showErrorBox('Fantascope could not start', toStudioError(error, 'shell').message);
      app.exit(1);
    });
} else {
  console.warn('Fantascope is already running; its window was asked to come to the front.');
  app.quit();
}

/**
 * Stands in for the module `electron` when the built main bundle runs under plain Node.
 * It has exactly the members that the shell uses: any other access throws and is reported,
 * so a new use of Electron must be added here on purpose. Names come from electron.d.ts.
 */
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import type { StubCommand, StubWindow } from './stub-protocol';

type Members<T> = Partial<Record<keyof T, unknown>>;

const calls: string[] = [];
const windows: (StubWindow & { emitter: EventEmitter; contents: ContentsStub })[] = [];
const dialogAnswers: number[] = [];
const chosenPaths: string[] = [];
const userDataDir = process.env.STUB_USER_DATA ?? '';
let announceReady: () => void = () => {};
const ready = new Promise<void>((resolve) => (announceReady = resolve));

/** Lets only the members of `target` be read; anything else fails the test that runs this. */
function exactly<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      if (typeof key === 'symbol' || key in object) return Reflect.get(object, key, receiver) as unknown;
      const problem = `electron.${name}.${key} is not in the stub`;
      process.send?.({ type: 'problem', problem });
      throw new Error(problem);
    },
  });
}

function record(call: string, ...words: unknown[]): void {
  const said = words.filter((word) => word !== undefined).map((word) => JSON.stringify(word));
  calls.push([call, ...said].join(' '));
}

function preventable<T extends object>(fields: T): T & { defaultPrevented: boolean; preventDefault(): void } {
  return {
    ...fields,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}

const appEvents = new EventEmitter();
export const app = exactly('app', {
  isPackaged: false,
  commandLine: exactly('app.commandLine', {
    appendSwitch: (name: string, value?: string) => record('appendSwitch', name, value),
  } satisfies Members<Electron.CommandLine>),
  enableSandbox: () => record('enableSandbox'),
  requestSingleInstanceLock: () => process.env.STUB_SECOND !== '1',
  whenReady: () => ready,
  getAppPath: () => process.env.STUB_APP_DIR ?? '',
  getPath: (name: string) => `${userDataDir}${name === 'userData' ? '' : `/${name}`}`,
  setPath: (name: string, path: string) => record('setPath', name, path),
  on: (event: string, listener: (...words: unknown[]) => void) => void appEvents.on(event, listener),
  quit: () => {
    record('quit');
    const event = preventable({});
    appEvents.emit('before-quit', event);
    if (!event.defaultPrevented) process.exit(0);
  },
  exit: (code: number) => {
    record('exit', code);
    process.exit(code);
  },
} satisfies Members<Electron.App>);

type PermissionRequest = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type PermissionCheck = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type DeviceCheck = Parameters<Electron.Session['setDevicePermissionHandler']>[0];
type DisplayRequest = Parameters<Electron.Session['setDisplayMediaRequestHandler']>[0];
const handlers: {
  request?: PermissionRequest;
  check?: PermissionCheck;
  device?: DeviceCheck;
  display?: DisplayRequest;
} = {};
export const session = exactly('session', {
  defaultSession: exactly('session.defaultSession', {
    setPermissionRequestHandler: (handler: PermissionRequest) => (handlers.request = handler),
    setPermissionCheckHandler: (handler: PermissionCheck) => (handlers.check = handler),
    setDevicePermissionHandler: (handler: DeviceCheck) => (handlers.device = handler),
    setDisplayMediaRequestHandler: (handler: DisplayRequest) => (handlers.display = handler),
  } satisfies Members<Electron.Session>),
});

class ContentsStub {
  readonly emitter = new EventEmitter();
  openHandler: ((details: { url: string }) => { action: string }) | null = null;

  readonly api = exactly('webContents', {
    on: (event: string, listener: (...words: unknown[]) => void) => void this.emitter.on(event, listener),
    setWindowOpenHandler: (handler: (details: { url: string }) => { action: string }) => {
      this.openHandler = handler;
    },
  } satisfies Members<Electron.WebContents>);
}

/** Records how windows are made; draws nothing. */
export const BrowserWindow = function (options: Electron.BrowserWindowConstructorOptions): object {
  const contents = new ContentsStub();
  const emitter = new EventEmitter();
  const window = { options, url: '', destroyed: false, focused: 0, emitter, contents };
  windows.push(window);
  appEvents.emit('web-contents-created', {}, contents.api);
  return exactly('BrowserWindow', {
    webContents: contents.api,
    on: (event: string, listener: (...words: unknown[]) => void) => void emitter.on(event, listener),
    once: (event: string, listener: (...words: unknown[]) => void) => void emitter.once(event, listener),
    show: () => record('window.show'),
    focus: () => void window.focused++,
    maximize: () => record('window.maximize'),
    restore: () => record('window.restore'),
    isMinimized: () => false,
    isMaximized: () => false,
    isDestroyed: () => window.destroyed,
    destroy: () => void (window.destroyed = true),
    getNormalBounds: () => ({ x: 10, y: 20, width: 1300, height: 820 }),
    loadURL: (url: string) => {
      window.url = url;
      process.send?.({ type: 'loadURL', url });
      return Promise.resolve();
    },
  } satisfies Members<Electron.BrowserWindow>);
} as unknown as new (options: Electron.BrowserWindowConstructorOptions) => object;

export const screen = exactly('screen', {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
} satisfies Members<Electron.Screen>);

export const dialog = exactly('dialog', {
  showErrorBox: (title: string, text: string) => {
    process.send?.({ type: 'problem', problem: `${title}: ${text}` });
  },
  showMessageBox: (...words: [unknown, Electron.MessageBoxOptions?]) => {
    const options = (words[1] ?? words[0]) as Electron.MessageBoxOptions;
    record('showMessageBox', {
      buttons: options.buttons,
      defaultId: options.defaultId,
      cancelId: options.cancelId,
    });
    return Promise.resolve({
      response: dialogAnswers.shift() ?? options.cancelId ?? 0,
      checkboxChecked: false,
    });
  },
  showOpenDialog: (...words: [unknown, Electron.OpenDialogOptions?]) => {
    const { title, properties, filters } = (words[1] ?? words[0]) as Electron.OpenDialogOptions;
    record('showOpenDialog', { title, properties, extensions: filters?.flatMap((one) => one.extensions) });
    const path = chosenPaths.shift();
    return Promise.resolve({ canceled: path === undefined, filePaths: path === undefined ? [] : [path] });
  },
} satisfies Members<Electron.Dialog>);

export const shell = exactly('shell', {
  openExternal: (address: string) => {
    record('openExternal', address);
    return Promise.resolve();
  },
  showItemInFolder: (path: string) => record('showItemInFolder', path),
} satisfies Members<Electron.Shell>);

export const powerSaveBlocker = exactly('powerSaveBlocker', {
  start: (type: string) => {
    record('powerSaveBlocker.start', type);
    return 7;
  },
  stop: (id: number) => record('powerSaveBlocker.stop', id),
} satisfies Members<Electron.PowerSaveBlocker>);

const powerEvents = new EventEmitter();
export const powerMonitor = exactly('powerMonitor', {
  on: (event: string, listener: () => void) => void powerEvents.on(event, listener),
} satisfies Members<Electron.PowerMonitor>);

export const safeStorage = exactly('safeStorage', {
  getSelectedStorageBackend: () => process.env.STUB_BACKEND ?? 'gnome_libsecret',
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(`sealed:${text}`)),
  decryptStringAsync: (sealed: Buffer) =>
    Promise.resolve({ result: sealed.toString().slice('sealed:'.length), shouldReEncrypt: false }),
} satisfies Members<Electron.SafeStorage>);

export const Menu = exactly('Menu', {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: () => record('setApplicationMenu'),
} satisfies Members<typeof Electron.Menu>);

export const desktopCapturer = exactly('desktopCapturer', {
  getSources: () => Promise.resolve([{ id: 'screen:0', name: 'Screen' }]),
} satisfies Members<Electron.DesktopCapturer>);

export const utilityProcess = exactly('utilityProcess', {
  // an engine that never becomes ready: what engines do is not this test's matter
  fork: (entry: string, _args: string[], options: Electron.ForkOptions) => {
    record('utilityProcess.fork', entry.split(/[\\/]/).at(-1), options.serviceName);
    const emitter = new EventEmitter();
    return exactly('UtilityProcess', {
      pid: undefined,
      stdout: null,
      stderr: null,
      postMessage: (message: { type?: string }) => {
        if (message.type === 'stop') setImmediate(() => emitter.emit('exit', 0));
      },
      kill: () => emitter.emit('exit', 0),
      on: (event: string, listener: (...words: unknown[]) => void) => void emitter.on(event, listener),
      once: (event: string, listener: (...words: unknown[]) => void) => void emitter.once(event, listener),
    } satisfies Members<Electron.UtilityProcess>);
  },
} satisfies Members<typeof Electron.utilityProcess>);

function newestWindow(): (typeof windows)[number] {
  const window = windows.at(-1);
  if (!window) throw new Error('No window was opened.');
  return window;
}

/** Plays what the system or the user does; answers as Electron would see it. */
async function perform(command: StubCommand): Promise<unknown> {
  switch (command.type) {
    case 'calls':
      return calls;
    case 'windows':
      return windows.map(({ options, url, destroyed, focused }) => ({ options, url, destroyed, focused }));
    case 'answer-dialog':
      return dialogAnswers.push(command.button);
    case 'choose-path':
      return chosenPaths.push(command.path);
    case 'second-instance':
      return appEvents.emit('second-instance', {}, []);
    case 'quit':
      return app.quit();
    case 'close-window': {
      const event = preventable({});
      newestWindow().emitter.emit('close', event);
      return event.defaultPrevented;
    }
    case 'crash':
      return newestWindow().contents.emitter.emit('render-process-gone', {}, { reason: 'crashed' });
    case 'navigate': {
      const event = preventable({ url: command.url });
      newestWindow().contents.emitter.emit(command.event, event);
      return event.defaultPrevented;
    }
    case 'open-window':
      return newestWindow().contents.openHandler?.({ url: command.url }).action;
    case 'request-permission':
      return new Promise((resolve) => {
        handlers.request?.({} as Electron.WebContents, command.permission as 'media', resolve, {
          isMainFrame: command.isMainFrame,
          requestingUrl: command.url,
        });
      });
    case 'check-permission':
      return handlers.check?.(null, command.permission as 'media', command.url, { isMainFrame: true });
    case 'check-device':
      return handlers.device?.({ deviceType: 'usb', origin: command.url, device: {} as Electron.USBDevice });
    case 'capture-screen':
      return new Promise((resolve) => {
        handlers.display?.(
          {
            frame: null,
            securityOrigin: command.url,
            videoRequested: true,
            audioRequested: false,
            userGesture: true,
          },
          resolve,
        );
      });
  }
}

/** Runs a built main entry as Electron does: `ready` comes only after the module ran to its end. */
export async function runEntry(entryUrl: string): Promise<void> {
  process.on('message', ({ id, command }: { id: number; command: StubCommand }) => {
    void perform(command).then((value) => process.send?.({ type: 'done', id, value }));
  });
  await import(entryUrl);
  announceReady();
}

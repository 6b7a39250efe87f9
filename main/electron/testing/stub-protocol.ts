/** What a test may let the system, the user or a page do to the stubbed Electron. */
export type StubCommand =
  | { type: 'calls' }
  | { type: 'windows' }
  | { type: 'answer-dialog'; button: number }
  | { type: 'choose-path'; path: string }
  | { type: 'second-instance' }
  | { type: 'quit' }
  | { type: 'close-window' }
  | { type: 'crash' }
  | { type: 'navigate'; event: 'will-navigate' | 'will-redirect' | 'will-attach-webview'; url: string }
  | { type: 'open-window'; url: string }
  | { type: 'request-permission'; permission: string; url: string; isMainFrame: boolean }
  | { type: 'check-permission'; permission: string; url: string }
  | { type: 'check-device'; url: string }
  | { type: 'capture-screen'; url: string };

/** A window as the stub remembers it. */
export type StubWindow = {
  options: { webPreferences?: object };
  url: string;
  destroyed: boolean;
  /** How often it was brought to the front. */
  focused: number;
};

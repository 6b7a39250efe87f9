import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this user's projects, logs and settings lie on this system. */
export function defaultUserDataDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.FANTASCOPE_USER_DATA) return env.FANTASCOPE_USER_DATA;
  switch (process.platform) {
    case 'win32':
      return join(env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Fantascope');
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Fantascope');
    default:
      return join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'fantascope');
  }
}

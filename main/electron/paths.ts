import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the parts of the application lie. */
export type AppPaths = {
  rendererDir: string;
  engineEntry: string;
  preloadFile: string;
  modelsDir: string;
  /** The shows that come with the studio. */
  showsDir: string;
  /** The ffmpeg that came with the package; null in a checkout. */
  ffmpeg: string | null;
};

/**
 * @param appDir `app.getAppPath()`: the checkout, or `app.asar` in a package
 * @param resourcesDir `process.resourcesPath`
 */
export function appPaths(appDir: string, resourcesDir: string, isPackaged: boolean): AppPaths {
  return {
    rendererDir: join(appDir, 'out/renderer'),
    engineEntry: join(appDir, 'out/main/engine.js'),
    preloadFile: join(appDir, 'out/preload/index.cjs'),
    // native code opens models by descriptor, and ffmpeg films by name: neither sees inside an asar
    modelsDir: join(isPackaged ? resourcesDir : appDir, 'native-models'),
    showsDir: join(isPackaged ? resourcesDir : appDir, 'shows'),
    ffmpeg: isPackaged ? packedFfmpeg(resourcesDir) : null,
  };
}

function packedFfmpeg(resourcesDir: string): string | null {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const path = join(resourcesDir, 'app.asar.unpacked/node_modules/ffmpeg-static', name);
  return existsSync(path) ? path : null;
}

import { createRequire } from 'node:module';
import { readFileSync, readdirSync, statSync, type Stats } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Configuration } from 'electron-builder';
import { beforeAll, expect, test } from 'vitest';
import { readArguments } from '../main/electron/arguments';
import { appPaths } from '../main/electron/paths';

const ROOT = resolve(import.meta.dirname, '..');
const NATIVE = /\.(node|dll|dylib)$|\.so(\.\d+)*$/;

// electron-builder's own matcher decides, not a copy of its rules
const require = createRequire(import.meta.url);
const builder = createRequire(require.resolve('electron-builder'));
const matching = builder('app-builder-lib/out/fileMatcher') as {
  getMainFileMatchers: (...words: unknown[]) => Matcher[];
  getNodeModuleFileMatcher: (...words: unknown[]) => Matcher;
  getFileMatchers: (...words: unknown[]) => Matcher[] | null;
};
const configs = builder('app-builder-lib/out/util/config/config') as {
  getConfig: (dir: string, file: string, options: null) => Promise<Configuration>;
  validateConfiguration: (config: Configuration, log: { isEnabled: false }) => Promise<void>;
};

type Matcher = { from: string; createFilter: () => (file: string, stat: Partial<Stats>) => boolean };
type Target = { system: 'linux' | 'mac' | 'win'; folder: string; arch: 'x64' | 'arm64' };

const TARGETS: Target[] = [
  { system: 'linux', folder: 'linux', arch: 'x64' },
  { system: 'linux', folder: 'linux', arch: 'arm64' },
  { system: 'mac', folder: 'darwin', arch: 'arm64' },
  { system: 'win', folder: 'win32', arch: 'x64' },
];

let config: Configuration;
beforeAll(async () => {
  config = await configs.getConfig(ROOT, 'electron-builder.yml', null);
});

function matchersFor(target: Target): {
  app: Matcher[];
  modules: Matcher;
  unpacked: Matcher;
  resources: Matcher[];
} {
  const expand = (pattern: string): string => pattern.replaceAll('${arch}', target.arch);
  const own = config[target.system] ?? {};
  const info = { projectDir: ROOT, buildResourcesDir: 'build', config, debugLogger: { isEnabled: false } };
  const options = {
    macroExpander: expand,
    customBuildOptions: own,
    globalOutDir: join(ROOT, 'dist'),
    defaultSrc: ROOT,
  };
  const app = matching.getMainFileMatchers(ROOT, 'app', expand, own, { info }, join(ROOT, 'dist'), false);
  const [unpacked] = matching.getFileMatchers(config, 'asarUnpack', 'app', options) ?? [];
  const resources = matching.getFileMatchers(config, 'extraResources', '/resources', options) ?? [];
  if (!unpacked) throw new Error('The packing list has no asarUnpack.');
  const modules = matching.getNodeModuleFileMatcher(ROOT, 'app', expand, own, info);
  return { app, modules, unpacked, resources: resources.filter((matcher) => matcher.from !== ROOT) };
}

/** Whether a walk from the matcher's root would come to the file and take it. */
function takes(matcher: Matcher, path: string): boolean {
  const filter = matcher.createFilter();
  const parts = relative(matcher.from, resolve(ROOT, path)).split(/[\\/]/);
  if (parts[0] === '..') return false;
  return parts.every((_part, index) => {
    const isFolder = index < parts.length - 1;
    // electron-builder starts its walk of a module inside node_modules
    if (isFolder && parts[index] === 'node_modules') return true;
    return filter(join(matcher.from, ...parts.slice(0, index + 1)), {
      isDirectory: () => isFolder,
      isFile: () => !isFolder,
    });
  });
}

function anyTakes(matchers: readonly Matcher[], path: string): boolean {
  return matchers.some((matcher) => takes(matcher, path));
}

function nativeFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((path) => NATIVE.test(path) && statSync(join(ROOT, path)).isFile());
}

test('electron-builder accepts the configuration', async () => {
  await configs.validateConfiguration(config, { isEnabled: false });
});

test.each(TARGETS)('$system $arch: the built processes are packed, sources are not', (target) => {
  const { app } = matchersFor(target);
  for (const path of ['out/main/index.js', 'out/main/engine.js', 'out/preload/index.cjs', 'package.json']) {
    expect(anyTakes(app, path), path).toBe(true);
  }
  expect(anyTakes(app, 'out/renderer/assets/index.css')).toBe(true);
  for (const path of [
    'main/electron/index.ts',
    'out/test/unit.json',
    'scripts/start.mjs',
    'shows/demo/jfk.flac',
  ]) {
    expect(anyTakes(app, path), path).toBe(false);
  }
});

test.each(TARGETS)("$system $arch: of ONNX Runtime only the target's libraries are packed", (target) => {
  const { modules } = matchersFor(target);
  const all = nativeFiles('node_modules/onnxruntime-node/bin');
  const own = all.filter((path) => path.includes(`/${target.folder}/${target.arch}/`));
  expect(own.length).toBeGreaterThan(1);
  expect(all.filter((path) => takes(modules, path))).toEqual(own);
});

test.each(TARGETS)("$system $arch: of Dawn only the target's libraries are packed", (target) => {
  const { modules } = matchersFor(target);
  const all = nativeFiles('node_modules/webgpu/dist');
  const arch = target.system === 'mac' ? 'universal' : target.arch;
  const own = all.filter((path) => path.includes(`/${target.folder}-${arch}/`));
  expect(own.length).toBeGreaterThan(0);
  expect(all.filter((path) => takes(modules, path))).toEqual(own);
});

test.each(TARGETS)('$system $arch: every packed library and program lies outside the archive', (target) => {
  const { modules, unpacked } = matchersFor(target);
  const libraries = [
    ...nativeFiles('node_modules/onnxruntime-node/bin'),
    ...nativeFiles('node_modules/@napi-rs'),
    ...nativeFiles('node_modules/webgpu/dist'),
    'node_modules/ffmpeg-static/ffmpeg',
    'node_modules/ffmpeg-static/ffmpeg.exe',
  ].filter((path) => takes(modules, path));
  expect(libraries.length).toBeGreaterThan(2);
  for (const path of libraries) expect(takes(unpacked, path), path).toBe(true);
});

test.each(TARGETS)(
  '$system $arch: models and the demo lie beside the archive, training code does not',
  (target) => {
    const { resources } = matchersFor(target);
    const isThere = (path: string): boolean => anyTakes(resources, path);
    expect(isThere('native-models/catalogue.json')).toBe(true);
    expect(isThere('native-models/models/animate-mini/unet.onnx')).toBe(true);
    expect(isThere('native-models/contracts/animate.json')).toBe(true);
    expect(isThere('shows/demo/jfk.flac')).toBe(true);
    expect(isThere('native-models/train/shared/philox.py')).toBe(false);
  },
);

test.each(TARGETS)('$system $arch: --demo names a show that the package has', (target) => {
  const { resources } = matchersFor(target);
  const { showsDir } = appPaths('/resources/app.asar', '/resources', true);
  const { show } = readArguments(['fantascope', '--demo'], showsDir, '/');
  const inResources = relative('/resources', show ?? '').replaceAll('\\', '/');
  expect(inResources).toBe('shows/demo/demo.json');
  expect(anyTakes(resources, inResources)).toBe(true);
});

test('the interface libraries, bundled already, are not packed twice', () => {
  const { modules } = matchersFor({ system: 'linux', folder: 'linux', arch: 'x64' });
  expect(takes(modules, 'node_modules/bits-ui/dist/index.js')).toBe(false);
  expect(takes(modules, 'node_modules/ws/lib/websocket.js')).toBe(true);
});

test('the fuses are blown: no Node mode, no inspector, only the sealed archive', () => {
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  });
  expect(config.asar).toBe(true);
});

test('macOS asks for camera, microphone and sound in words, and is entitled to them', () => {
  const info = config.mac?.extendInfo as Record<string, string>;
  for (const key of ['Camera', 'Microphone', 'AudioCapture']) {
    expect(info[`NS${key}UsageDescription`]).toMatch(/\w+ .*\.$/);
  }
  const entitlements = readFileSync(join(ROOT, config.mac?.entitlements ?? ''), 'utf8');
  expect(entitlements).toContain('com.apple.security.device.camera');
  expect(entitlements).toContain('com.apple.security.device.audio-input');
});

test('packages with native code stay packages: none is bundled into what main and the engines run', () => {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>;
  const config = readFileSync(join(ROOT, 'electron.vite.config.ts'), 'utf8');
  for (const name of ['onnxruntime-node', 'webgpu']) {
    if (name in dependencies!) continue;
    expect(optionalDependencies).toHaveProperty(name);
    expect(config).toMatch(new RegExp(`externalizeDeps: \\{ include: \\[[^\\]]*'${name}'`));
  }
});

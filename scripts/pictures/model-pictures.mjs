import {
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
  closeSync,
  mkdtempSync,
} from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../setup/root.mjs';
import { DevtoolsPage } from './devtools-page.mjs';
import { startStudio } from './served-studio.mjs';
import { SIZE, takePicture } from './take-picture.mjs';
import { WeightsServer } from './weights-server.mjs';

const LIMIT_MS = 120_000;
/** The one that is fetched in the pictures: large, with known sizes, and no hash that ours would break. */
const FETCHED = { id: 'nemo-ctc-en-480ms', name: 'FastConformer CTC, English, 480 ms' };
/** The one whose line breaks. */
const BROKEN = { id: 'modnet', name: 'MODNet portrait matting' };
const PACE = 12.6e6;
const DARK = JSON.stringify({ theme: 'dark' });

/**
 * Takes the model panel's pictures, `docs/screenshots/models-*.png`: the real studio on the real catalogue,
 * whose files come from a server on loopback instead of from the network.
 */
export async function takeModelPictures({ executable, ffmpeg, folder }) {
  const server = new WeightsServer();
  await server.start();
  try {
    await walk(
      { executable, ffmpeg, folder, name: 'empty', models: emptyModels(folder) },
      async ({ take }) => {
        await take('models-empty');
      },
    );
    await walk({ executable, ffmpeg, folder, name: 'full', models: servedModels(folder, server) }, (tools) =>
      walkModels({ ...tools, server }),
    );
  } finally {
    await server.stop();
  }
}

/** Opens the panel in a studio of its own, and has its pictures taken. */
async function walk({ executable, ffmpeg, folder, name, models }, visit) {
  const userData = mkdtempSync(join(folder, `${name}-`));
  const studio = await startStudio(userData, quietProject(), {
    FANTASCOPE_MODELS: models,
    NO_PROXY: '127.0.0.1',
  });
  try {
    const page = await DevtoolsPage.open(executable, join(userData, 'window'), SIZE);
    try {
      await page.goto(studio.url, `localStorage.setItem('fantascope.preferences', ${JSON.stringify(DARK)})`);
      // A row shows once the studio has answered: before, things still move.
      await page.click('[data-row]', '/^Test card/');
      await page.click('button', '/^Project /');
      await page.click('[role=menuitem]', '/^Models/');
      const take = (picture, settleMs) => takePicture(page, ffmpeg, picture, settleMs);
      await visit({ page, studio, take, userData });
    } finally {
      await page.close();
    }
  } finally {
    await studio.stop();
  }
}

async function walkModels({ page, studio, take, userData, server }) {
  const choose = (name) => page.click('[role=option] strong', `/^${name}/`);
  const does = (name) => page.click('.details .verbs button', `/^${name}$/`);
  const sees = (what) =>
    page.until(what, `/${what}/.test(document.querySelector('.details')?.textContent)`, LIMIT_MS);

  await page.click('footer button', '/^Measure$/');
  await page.until(
    'the measurement',
    `/Measured:/.test(document.querySelector('footer')?.textContent)`,
    LIMIT_MS,
  );
  await choose('LCM Dreamshaper');
  await take('models-listed');

  await choose('SD-Turbo');
  await take('models-needs-import');
  await does('Import…');
  await page.click('#import-path', '/^/');
  await page.type(partOf(userData));
  await take('models-import');
  await page.click('form button', '/^Import$/');
  await page.until('the refusal', `document.querySelector('.trouble')`, LIMIT_MS);
  await take('models-import-lacks');
  await page.click('.trouble button', '/^Dismiss$/');
  await page.click('form button', '/^Close$/');

  await choose(FETCHED.name);
  await does('Get');
  await page.until('the terms', `document.querySelector('[role=alertdialog]')`, LIMIT_MS);
  await take('models-licence');
  server.bytesPerSecond = PACE;
  await page.click('[role=alertdialog] button', '/^Agree and get$/');
  await sees('(1[0-9]|2[0-9]) %');
  await take('models-downloading');
  await does('Pause');
  await sees('Paused');
  await take('models-paused');

  server.bytesPerSecond = Infinity;
  await does('Go on');
  await sees('Holding the files');
  await take('models-verifying', 0);
  await sees('On this disk');
  await does('Check files');
  await sees('files are right');
  await take('models-installed');
  spoil(join(userData, 'models/models', FETCHED.id, 'model.onnx'));
  await does('Check files');
  await sees('is not as the catalogue says');
  await take('models-damaged');

  server.bytesPerSecond = PACE;
  await choose(BROKEN.name);
  await does('Get');
  await page.click('[role=alertdialog] button', '/^Agree and get$/');
  await sees('Trying again');
  await take('models-interrupted', 500);
  await sees('could not be fetched');
  await take('models-failed');
  await studio.kill();
  await page.until(
    'the loss',
    `/does not answer/.test(document.querySelector('.model-panel')?.textContent)`,
    LIMIT_MS,
  );
  await take('models-offline');
}

/** The demo's project without what engines make: they would take the machine from what is pictured. */
function quietProject() {
  const { project } = JSON.parse(readFileSync(inRoot('shows/demo/demo.json'), 'utf8'));
  const plain = (layer) => !['generate', 'captions'].includes(layer.source.kind);
  const scenes = project.scenes.map((scene) => ({
    ...scene,
    layers: scene.layers.filter(plain).map((layer) => ({ ...layer, engine: null })),
  }));
  const media = project.media.map((one) => ({ ...one, path: inRoot('shows/demo', one.path) }));
  return {
    ...project,
    name: 'Evening show',
    scenes,
    media,
    captions: { ...project.captions, enabled: false },
  };
}

/** The models folder of a studio whose catalogues name nothing. */
function emptyModels(folder) {
  const home = join(folder, 'no-models');
  mkdirSync(home);
  for (const name of ['catalogue.json', 'public-models.json'])
    writeFileSync(join(home, name), JSON.stringify({ version: 1, models: [] }));
  return home;
}

/** The shipped models and the public catalogue, its addresses exchanged for those of a server. */
function servedModels(folder, server) {
  const home = join(folder, 'native-models');
  mkdirSync(home);
  for (const name of ['catalogue.json', 'contracts', 'models'])
    symlinkSync(inRoot('native-models', name), join(home, name));
  const catalogue = JSON.parse(readFileSync(inRoot('native-models/public-models.json'), 'utf8'));
  for (const { id, files } of catalogue.models)
    for (const file of files) {
      const { path, bytes } = file;
      if (file.urls.length === 0) continue;
      const most = id === BROKEN.id ? 0.4 * bytes : Infinity;
      file.urls = [server.add(`${id}/${path}`, bytes ?? 1e6, most)];
    }
  writeFileSync(join(home, 'public-models.json'), JSON.stringify(catalogue));
  return home;
}

/** A folder in which a part of SD-Turbo lies. */
function partOf(userData) {
  const home = join(userData, 'sd-turbo');
  for (const part of ['unet', 'text_encoder', 'vae_decoder']) {
    mkdirSync(join(home, part), { recursive: true });
    writeFileSync(join(home, part, 'model.onnx'), 'a part');
  }
  return home;
}

/** Changes a byte in the middle of a file, and not its size. */
function spoil(file) {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.from([1]), 0, 1, 1e6);
  closeSync(handle);
}

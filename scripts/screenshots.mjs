#!/usr/bin/env node
// `npm run screenshots`: plays the demo in the real studio and takes the README's pictures of it, then
// those of the model panel in each state. A word (`studio`, `models`) takes these alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevtoolsPage } from './pictures/devtools-page.mjs';
import { takeModelPictures } from './pictures/model-pictures.mjs';
import { startStudio } from './pictures/served-studio.mjs';
import { SIZE, takePicture } from './pictures/take-picture.mjs';
import { ensureBuild } from './setup/build.mjs';
import { ensureChromium } from './setup/chromium.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureFfmpeg } from './setup/ffmpeg.mjs';
import { inRoot } from './setup/root.mjs';
import { runMain, SetupError } from './setup/say.mjs';

const PARTS = ['studio', 'models'];
const PICTURE_LIMIT_MS = 120_000;
const BETWEEN_CUES_MS = 700;
const PROMPT = 'synthwave dusk';
const CUES = ['mosaic vivid', PROMPT, 'comic candy', 'blueprint night', 'ink fog', 'hologram teal'];

/** The demo's project with its scene on air, a server to send to, and speech that goes on. */
function pictureProject() {
  const { project } = JSON.parse(readFileSync(inRoot('shows/demo/demo.json'), 'utf8'));
  const caption = project.scenes.flatMap((scene) => scene.layers).find((layer) => layer.id === 'caption');
  caption.source.text = `“${PROMPT}”`;
  const speech = { kind: 'file', mediaId: 'speech', loop: true };
  return {
    ...project,
    name: 'Evening show',
    activeSceneId: 'main',
    cues: CUES.map((prompt, index) => ({
      id: `cue-${index + 1}`,
      prompt,
      layerId: null,
      seed: null,
      blendMs: null,
      atMs: null,
    })),
    media: project.media.map((media) => ({ ...media, path: inRoot('shows/demo', media.path) })),
    strips: [
      { ...project.strips.find((strip) => strip.id === 'film'), gainDb: 0 },
      { id: 'voice', name: 'Speech', source: speech, gainDb: 0, muted: false, syncOffsetMs: 0 },
    ],
    destinations: [
      {
        id: 'twitch',
        name: 'Twitch',
        protocol: 'rtmp',
        url: 'rtmp://live.twitch.tv/app',
        audioBitrateKbps: 160,
      },
    ],
  };
}

/** Plays some cues, so that the figures are those of a show, and waits until the wanted one is seen. */
async function playCues(page) {
  const applied = `/Applied/.test(document.querySelector('.deck [role=status]')?.textContent)`;
  const others = CUES.filter((cue) => cue !== PROMPT);
  for (const cue of [...others, ...others, PROMPT]) {
    await page.click('button', `/Play cue \\d: ${cue}$/`);
    await page.until('the prompt to be seen', applied, PICTURE_LIMIT_MS);
    await pause(BETWEEN_CUES_MS);
  }
  const figures = String.raw`/\d+\/\d+\s+ms knob/.test(document.querySelector('.health')?.textContent)`;
  await page.until('the figures', figures, PICTURE_LIMIT_MS);
}

async function chooseTheme(page, pattern) {
  await page.click('button', '/^Theme$/');
  await page.click('[role=menuitem]', pattern);
}

async function takeStudio(page, url, ffmpeg) {
  const kept = JSON.stringify({ theme: 'dark' });
  const keep = `localStorage.setItem('fantascope.preferences', ${JSON.stringify(kept)})`;
  await page.goto(url, keep);
  await page.click('[data-row]', '/^Rabbit/');
  await page.click('[role=tab]', '/^Engine$/');
  await playCues(page);
  await takePicture(page, ffmpeg, 'studio-dark');
  await chooseTheme(page, '/^Light/');
  await takePicture(page, ffmpeg, 'studio-light');
  await chooseTheme(page, '/^Dark/');
  await page.click('button', '/^Project /');
  await page.click('[role=menuitem]', '/^Models/');
  await page.click('[role=option]', '/Animate mini/');
  await takePicture(page, ffmpeg, 'models');
  await page.click('button', '/^Close$/');
  await page.click('button', '/^Project /');
  await page.click('[role=menuitem]', '/^New project$/');
  await page.until('the empty project', `document.querySelector('section.empty')`, PICTURE_LIMIT_MS);
  await takePicture(page, ffmpeg, 'empty');
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

async function takeStudioPictures({ executable, ffmpeg, folder }) {
  const userData = mkdtempSync(join(folder, 'studio-'));
  const studio = await startStudio(userData, pictureProject(), { FANTASCOPE_FFMPEG: ffmpeg });
  try {
    const page = await DevtoolsPage.open(executable, join(userData, 'window'), SIZE);
    try {
      await takeStudio(page, studio.url, ffmpeg);
    } finally {
      await page.close();
    }
  } finally {
    await studio.stop();
  }
}

await runMain(async () => {
  const words = process.argv.slice(2);
  const wrong = words.find((word) => !PARTS.includes(word));
  if (wrong !== undefined) throw new SetupError(`Pictures are of ${PARTS.join(' or ')}, got "${wrong}".`);
  await ensureDependencies();
  const ffmpeg = await ensureFfmpeg();
  if (!ffmpeg) throw new SetupError('The pictures need ffmpeg: install it and try again.');
  await ensureBuild();
  const executable = await ensureChromium();
  if (!executable) throw new SetupError('The pictures need Chromium or Chrome: install one and try again.');
  const folder = mkdtempSync(join(tmpdir(), 'fantascope-screenshots-'));
  const wants = (part) => words.length === 0 || words.includes(part);
  try {
    if (wants('studio')) await takeStudioPictures({ executable, ffmpeg, folder });
    if (wants('models')) await takeModelPictures({ executable, ffmpeg, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
  return 0;
});

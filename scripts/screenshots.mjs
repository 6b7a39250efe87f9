#!/usr/bin/env node
// `npm run screenshots`: plays the demo in the real studio and takes the README's pictures of it.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DevtoolsPage } from './pictures/devtools-page.mjs';
import { ensureBuild } from './setup/build.mjs';
import { ensureChromium } from './setup/chromium.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureFfmpeg } from './setup/ffmpeg.mjs';
import { runBounded } from './setup/process.mjs';
import { inRoot } from './setup/root.mjs';
import { runMain, say, SetupError } from './setup/say.mjs';

const SIZE = { width: 1280, height: 800 };
const LARGEST_BYTES = 300_000;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const PICTURE_LIMIT_MS = 120_000;
/** The figures and meters settle in this time once everything runs. */
const SETTLE_MS = 3_000;
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

/** Starts the built studio without a window; `stop` ends it. */
async function startStudio(userData, ffmpeg) {
  const projectFile = join(userData, 'evening-show.json');
  writeFileSync(projectFile, JSON.stringify(pictureProject()));
  const studio = spawn(
    process.execPath,
    [inRoot('out/main/browser.js'), '--serve', '--user-data', userData, '--project', projectFile],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(ffmpeg ? { FANTASCOPE_FFMPEG: ffmpeg } : {}) },
    },
  );
  const ended = new Promise((done) => studio.once('exit', done));
  const stop = async () => {
    studio.kill('SIGTERM');
    const timer = setTimeout(() => studio.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  };
  const url = await new Promise((found) => {
    const timer = setTimeout(() => found(null), START_LIMIT_MS);
    void ended.then(() => found(null));
    createInterface({ input: studio.stdout }).on('line', (line) => {
      const match = /(http:\/\/127\.0\.0\.1:\d+\/#\S+)/.exec(line);
      if (!match) return;
      clearTimeout(timer);
      found(match[1]);
    });
  });
  if (url === null) {
    await stop();
    throw new SetupError(`The studio must be served within ${START_LIMIT_MS / 1000} s, but was not.`);
  }
  return { url, stop };
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

/** Writes a picture with a palette of its own, which makes it a third as large. */
async function take(page, ffmpeg, name) {
  await page.rest(SIZE.width / 2, 1);
  await pause(SETTLE_MS);
  const folder = inRoot('docs/screenshots');
  mkdirSync(folder, { recursive: true });
  const raw = join(folder, `.${name}.raw.png`);
  const file = join(folder, `${name}.png`);
  try {
    writeFileSync(raw, await page.screenshot());
    const palette = 'split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=none';
    const { problem } = await runBounded(
      ffmpeg,
      ['-v', 'error', '-y', '-i', raw, '-vf', palette, '-compression_level', '100', file],
      { timeoutMs: 30_000 },
    );
    if (problem) throw new SetupError(`ffmpeg ${problem} while it reduced ${name}.png.`);
  } finally {
    rmSync(raw, { force: true });
  }
  const { size } = statSync(file);
  if (size > LARGEST_BYTES) {
    throw new SetupError(`${name}.png must be at most ${LARGEST_BYTES} bytes, but has ${size}.`);
  }
  say(`docs/screenshots/${name}.png (${Math.round(size / 1000)} kB)`);
}

async function takeAll(page, url, ffmpeg) {
  const kept = JSON.stringify({ theme: 'dark' });
  const keep = `localStorage.setItem('fantascope.preferences', ${JSON.stringify(kept)})`;
  await page.goto(url, keep);
  await page.click('[data-row]', '/^Rabbit/');
  await page.click('[role=tab]', '/^Engine$/');
  await playCues(page);
  await take(page, ffmpeg, 'studio-dark');
  await chooseTheme(page, '/^Light/');
  await take(page, ffmpeg, 'studio-light');
  await chooseTheme(page, '/^Dark/');
  await page.click('button', '/^Project /');
  await page.click('[role=menuitem]', '/^Models/');
  await page.click('[role=option]', '/Animate mini/');
  await take(page, ffmpeg, 'models');
  await page.click('button', '/^Close$/');
  await page.click('button', '/^Project /');
  await page.click('[role=menuitem]', '/^New project$/');
  await page.until('the empty project', `document.querySelector('section.empty')`, PICTURE_LIMIT_MS);
  await take(page, ffmpeg, 'empty');
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

await runMain(async () => {
  await ensureDependencies();
  const ffmpeg = await ensureFfmpeg();
  if (!ffmpeg) throw new SetupError('The pictures need ffmpeg: install it and try again.');
  await ensureBuild();
  const executable = await ensureChromium();
  if (!executable) throw new SetupError('The pictures need Chromium or Chrome: install one and try again.');
  const userData = mkdtempSync(join(tmpdir(), 'fantascope-screenshots-'));
  try {
    const studio = await startStudio(userData, ffmpeg);
    try {
      const page = await DevtoolsPage.open(executable, join(userData, 'window'), SIZE);
      try {
        await takeAll(page, studio.url, ffmpeg);
      } finally {
        await page.close();
      }
    } finally {
      await studio.stop();
    }
  } finally {
    rmSync(userData, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
  return 0;
});

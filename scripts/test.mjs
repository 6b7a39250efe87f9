#!/usr/bin/env node
// `npm test`: all set-up, the checks, then unit and end-to-end tests. Imports no package.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureBuild } from './setup/build.mjs';
import { CHECK_STEPS, runCheckStep } from './setup/check-steps.mjs';
import { ensureChromium } from './setup/chromium.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureElectron } from './setup/electron.mjs';
import { ensureFfmpeg } from './setup/ffmpeg.mjs';
import { checkNodeVersion } from './setup/node-version.mjs';
import { ensurePeers } from './setup/peers.mjs';
import { runBounded } from './setup/process.mjs';
import { inRoot } from './setup/root.mjs';
import { runMain, say } from './setup/say.mjs';
import { countRun, countStep, describeTally, emptyTally, exitCodeOf } from './setup/tally.mjs';
import { parseTestOptions, TEST_HELP } from './setup/test-options.mjs';
import { findTrainingPython, runTrainingSelfTest } from './setup/training.mjs';

const RUN_LIMIT_MS = { unit: 5 * 60_000, e2e: 12 * 60_000 };

async function main() {
  checkNodeVersion();
  const options = parseTestOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(TEST_HELP);
    return 0;
  }
  const env = await prepare(options);
  let tally = emptyTally();
  if (options.check) tally = await check(tally);
  if (options.unit && !options.name && options.files.length === 0) tally = await checkTraining(tally);
  for (const project of ['unit', 'e2e']) {
    if (options[project]) tally = await runVitest(tally, project, options, env);
  }
  process.stdout.write(`\n${describeTally(tally).join('\n')}\n`);
  return exitCodeOf(tally);
}

async function prepare(options) {
  await ensureDependencies();
  if (options.e2e) await ensurePeers();
  const ffmpeg = await ensureFfmpeg();
  await ensureBuild();
  if (!options.e2e) return ffmpeg ? { FANTASCOPE_FFMPEG: ffmpeg } : {};
  await ensureElectron();
  const chromium = await ensureChromium();
  if (!chromium) say('No Chromium was found: the tests that need one skip themselves.');
  return {
    ...(ffmpeg ? { FANTASCOPE_FFMPEG: ffmpeg } : {}),
    ...(chromium ? { FANTASCOPE_CHROMIUM: chromium } : {}),
  };
}

async function check(tally) {
  for (const step of CHECK_STEPS) {
    const { ok, output } = await runCheckStep(step);
    process.stdout.write(`${ok ? '✔' : '✖'} ${step.name}\n${ok ? '' : `${output.trimEnd()}\n`}`);
    tally = countStep(tally, `check: ${step.name}`, ok);
  }
  return tally;
}

/** Training is no part of the running studio: without its Python there is nothing to test, and no skip. */
async function checkTraining(tally) {
  const python = findTrainingPython();
  if (!python) {
    say('The training code is not tested: no python3 here has numpy, scipy, torch, onnx and PIL.');
    return tally;
  }
  const { ok, output } = await runTrainingSelfTest(python);
  process.stdout.write(`${ok ? '✔' : '✖'} training self-test\n${ok ? '' : `${output}\n`}`);
  return countStep(tally, 'training self-test', ok);
}

async function runVitest(tally, project, options, env) {
  const folder = inRoot('out/test');
  const summaryFile = `${folder}/${project}.json`;
  mkdirSync(folder, { recursive: true });
  rmSync(summaryFile, { force: true });
  const args = [
    inRoot('node_modules/vitest/vitest.mjs'),
    ...['run', '--project', project, '--passWithNoTests'],
    ...['--reporter', 'default', '--reporter', inRoot('scripts/setup/vitest-reporter.mjs')],
    ...(options.name ? ['-t', options.name] : []),
    ...options.files,
  ];
  const { problem } = await runBounded(process.execPath, args, {
    timeoutMs: RUN_LIMIT_MS[project],
    env: { ...env, FANTASCOPE_TEST_SUMMARY: summaryFile },
  });
  const summary = existsSync(summaryFile) ? JSON.parse(readFileSync(summaryFile, 'utf8')) : null;
  // with a name filter vitest calls every other test skipped; those are no skips of ours
  if (summary && options.name) {
    summary.tests = summary.tests.filter((test) => test.state !== 'skipped' || test.note);
  }
  return countRun(tally, project, summary, problem);
}

await runMain(main);

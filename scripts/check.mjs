#!/usr/bin/env node
// `npm run check`: types, components, lint, layers, format, dead code. Words name the steps to run.
import { CHECK_STEPS, runCheckStep } from './setup/check-steps.mjs';
import { runMain, SetupError } from './setup/say.mjs';

async function main() {
  const words = process.argv.slice(2);
  const steps = CHECK_STEPS.filter(
    (step) => words.length === 0 || words.some((word) => step.name.includes(word)),
  );
  if (steps.length === 0) {
    throw new SetupError(`A step must be one of ${CHECK_STEPS.map((step) => step.name).join(', ')}.`);
  }
  let failed = 0;
  for (const step of steps) {
    const { ok, output } = await runCheckStep(step);
    process.stdout.write(`${ok ? '✔' : '✖'} ${step.name}\n`);
    if (!ok) {
      failed++;
      process.stdout.write(`${output.trimEnd()}\n`);
    }
  }
  return failed === 0 ? 0 : 1;
}

await runMain(main);

#!/usr/bin/env node
// `npm run bench -- NAME | --all [--markdown]`: builds one bench and runs it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild } from './setup/build.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { inRoot } from './setup/root.mjs';
import { runMain, say, SetupError } from './setup/say.mjs';

async function main() {
  const [first, ...rest] = process.argv.slice(2);
  const names = readdirSync(inRoot('bench'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  if (first === '--markdown' || rest.includes('--markdown')) return printMarkdown(names);
  const wanted = first === '--all' ? names : [first];
  if (!first || wanted.some((name) => !names.includes(name))) {
    throw new SetupError(`Usage: npm run bench -- NAME, where NAME is --all or one of ${names.join(', ')}.`);
  }
  await ensureDependencies();
  await ensureBuild();
  for (const name of wanted) await runBench(name, rest);
  return 0;
}

async function runBench(name, args) {
  say(`Bench ${name}`);
  const { build } = await import('vite');
  const outDir = inRoot('out/bench-build');
  await build({
    root: inRoot('.'),
    configFile: false,
    logLevel: 'error',
    build: { ssr: inRoot(`bench/${name}.ts`), outDir, emptyOutDir: false, target: 'node20' },
  });
  const { bench } = await import(pathToFileURL(join(outDir, `${name}.js`)).href);
  await bench(args);
}

function printMarkdown(names) {
  const rows = names.flatMap((name) => {
    const file = inRoot(`out/bench/${name}.json`);
    if (!existsSync(file)) return [];
    const { figures } = JSON.parse(readFileSync(file, 'utf8'));
    return figures.map(
      (f) => `| ${name} | ${f.id} | ${Number(f.value.toPrecision(3))} ${f.unit} | ${f.against ?? ''} |`,
    );
  });
  process.stdout.write(`| bench | figure | value | against |\n|---|---|---|---|\n${rows.join('\n')}\n`);
  return 0;
}

await runMain(main);

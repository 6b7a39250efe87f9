#!/usr/bin/env node
// `npm run build`: builds the studio into out/ unless it is up to date.
import { ensureBuild } from './setup/build.mjs';
import { runMain } from './setup/say.mjs';

await runMain(async () => {
  await ensureBuild();
  return 0;
});

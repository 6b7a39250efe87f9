/** Nothing counted yet. */
export function emptyTally() {
  return { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
}

/** Counts one named step of `npm run check` or of set-up. */
export function countStep(tally, name, ok) {
  return ok
    ? { ...tally, passed: tally.passed + 1 }
    : { ...tally, failed: tally.failed + 1, failures: [...tally.failures, name] };
}

/**
 * Adds a run of vitest. `summary` is what the reporter wrote, null when vitest ended before
 * writing it; an error outside tests counts as one failure, and so does an exit code that
 * nothing in the summary explains.
 */
export function countRun(tally, project, summary, problem) {
  if (!summary) return countStep(tally, `${project} tests (vitest ${problem ?? 'wrote no summary'})`, false);
  const failedTests = summary.tests.filter((test) => test.state === 'failed').map((test) => test.name);
  const failures = [...failedTests, ...summary.errors.map((error) => `${error.where}: ${error.message}`)];
  if (problem && failures.length === 0) failures.push(`${project} tests (vitest ${problem})`);
  const skips = summary.tests.filter((test) => test.state === 'skipped' || test.state === 'pending');
  return {
    passed: tally.passed + summary.tests.filter((test) => test.state === 'passed').length,
    failed: tally.failed + failures.length,
    skipped: tally.skipped + skips.length,
    failures: [...tally.failures, ...failures],
    skips: [
      ...tally.skips,
      ...skips.map((test) => ({ name: test.name, cause: test.note ?? 'no cause given' })),
    ],
  };
}

/** The closing lines of `npm test`; the last one is the count. */
export function describeTally(tally) {
  return [
    ...tally.skips.map((skip) => `skipped: ${skip.name} (${skip.cause})`),
    ...tally.failures.map((name) => `failed: ${name}`),
    `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`,
  ];
}

/** 0 when something ran and nothing failed. */
export function exitCodeOf(tally) {
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

import { writeFileSync } from 'node:fs';

/**
 * Writes what `npm test` counts: each test's full name, state and skip note, and each error
 * that belongs to no test (a file that could not be loaded, an unhandled rejection).
 * Vitest loads a reporter by its default export.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = [];
    const errors = unhandledErrors.map((error) => ({ where: 'unhandled', message: error.message }));
    for (const module of modules) {
      for (const error of module.errors())
        errors.push({ where: module.relativeModuleId, message: error.message });
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) errors.push({ where: suite.fullName, message: error.message });
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        tests.push({
          name: `${module.relativeModuleId} > ${test.fullName}`,
          state: result.state,
          note: result.note ?? null,
        });
      }
    }
    writeFileSync(process.env.FANTASCOPE_TEST_SUMMARY, JSON.stringify({ tests, errors }));
  }
}

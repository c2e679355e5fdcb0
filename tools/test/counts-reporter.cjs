// A jest reporter that leaves the counts of a run in the file HEARTH_TEST_COUNTS: tests passed, tests failed (a file that could not be run
// counts as one), and the names of those that were skipped.
const { writeFileSync } = require('node:fs');

module.exports = class CountsReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults }) {
    const notRun = testResults.flatMap(({ testFilePath, testResults: tests }) =>
      tests
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => `${testFilePath.replace(`${process.cwd()}/`, '')}: ${fullName}: skipped in the file`),
    );
    const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, notRun };
    writeFileSync(process.env.HEARTH_TEST_COUNTS, JSON.stringify(counts));
  }
};

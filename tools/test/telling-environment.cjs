// The environment of system tests: when a test fails, it shows what the platforms that ran meanwhile had printed. What fails once in fifty runs,
// on a machine that nobody sees, is explained by nothing else.
const { TestEnvironment } = require('jest-environment-node');

/** Of each platform. */
const linesShown = 40;

module.exports = class TellingEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    /** Of whatever runs: answers all that it printed. Filled by test/support. */
    this.global.hearthPrinted = new Set();
  }

  handleTestEvent({ name, test }) {
    if (name !== 'test_done' || test.errors.length === 0) return;
    for (const printed of this.global.hearthPrinted) {
      const lines = printed().trimEnd().split('\n').slice(-linesShown);
      process.stderr.write(`what was printed until "${test.name}" failed:\n${lines.join('\n')}\n`);
    }
  }
};

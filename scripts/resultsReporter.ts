import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export interface TestResult {
  title: string;
  state: 'passed' | 'failed' | 'pending';
  error?: string;
}

/** Mocha's usual report, and the results as JSON in the file that SCV_TEST_RESULTS names, for scripts/test.ts. */
export class ResultsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const results: TestResult[] = [];
    const add = (test: Mocha.Runnable, state: TestResult['state'], error?: Error) =>
      results.push({
        title: test.fullTitle(),
        state,
        ...(error === undefined ? {} : { error: error.stack ?? error.message }),
      });
    runner.on('pass', (test) => add(test, 'passed'));
    runner.on('fail', (test, error: Error) => add(test, 'failed', error));
    runner.on('pending', (test) => add(test, 'pending'));
    runner.once('end', () => {
      const file = process.env.SCV_TEST_RESULTS;
      if (file !== undefined) writeFileSync(file, JSON.stringify(results));
    });
  }
}

// eslint-disable-next-line no-restricted-syntax -- mocha takes a reporter's default export
export default ResultsReporter;

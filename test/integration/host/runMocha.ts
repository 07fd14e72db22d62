import Mocha from 'mocha';
import { ResultsReporter } from '../../../scripts/resultsReporter.ts';

/** Runs suites inside the extension host; rejects when one fails, which makes VS Code's exit status 1. */
export async function runMocha(importSuites: () => Promise<void>): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, color: false, reporter: ResultsReporter, forbidOnly: true });
  mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, '', mocha);
  await importSuites();
  await new Promise<void>((settle, fail) => {
    mocha.run((failures) => {
      if (failures === 0) settle();
      else fail(new Error(`${failures} tests failed`));
    });
  });
}

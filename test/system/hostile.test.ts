// Predict among models, databases and feeds that go wrong. Each test runs `condor predict` as a process of
// its own with a real database and nine honest models beside the offender, and asserts that the honest are
// not harmed. Names begin with the fault of the existing systems (peer faults, 5.1) that must not come back.
// The long ones come first, so that the short ones run beside them.

import { suite, test } from 'node:test';
import { feedFaults } from '../lib/hostile-cases-feed.ts';
import { gridFaults } from '../lib/hostile-cases-grid.ts';
import { modelFaults } from '../lib/hostile-cases-models.ts';
import { storageFaults } from '../lib/hostile-cases-storage.ts';
import { tickFaults } from '../lib/hostile-cases-ticks.ts';

const cases = { ...storageFaults, ...gridFaults, ...tickFaults, ...feedFaults, ...modelFaults };
const only = process.env.HOSTILE_ONLY; // a regular expression, for work on one of them

suite('hostile', { concurrency: 7 }, () => {
  for (const [name, run] of Object.entries(cases)) {
    if (only === undefined || new RegExp(only).test(name)) test(name, { timeout: 140_000 }, run);
  }
});

// Loaded before every test file: property tests draw the same examples in each run, so that a failure repeats.
// CONDOR_TEST_SEED=N draws others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.CONDOR_TEST_SEED ?? 1) });

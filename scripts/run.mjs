// Builds what is stale, then becomes the `condor` program: one process, so that a signal to npm reaches it.
import { build } from './build.mjs';

build();
await import('../dist/src/cli/main.js');

// Runs the repositories' contracts on every implementation: in memory, and over a real database with the
// worker's own role for each repository.

import { after, type TestContext } from 'node:test';
import { openDatabase, type Role } from './connect.ts';
import { boardContract } from './contract/boards.ts';
import { predictContract } from './contract/predict.ts';
import { reportContract } from './contract/reports.ts';
import { settlementContract } from './contract/settlements.ts';
import { windowContract } from './contract/windows.ts';
import { createMemoryRepositories } from './memory.ts';
import { createPostgresRepositories, type Repositories } from './repositories.ts';
import { emptyDatabase, freshDatabase } from './test-database.ts';

export interface Backend {
  readonly name: string;
  open(t: TestContext): Promise<Repositories>;
}

const memory: Backend = { name: 'memory', open: async () => createMemoryRepositories() };

for (const backend of [memory, await openPostgres()]) {
  predictContract(backend);
  settlementContract(backend);
  boardContract(backend);
  windowContract(backend);
  reportContract(backend);
}

/** One database for the file, emptied for each test. */
async function openPostgres(): Promise<Backend> {
  const { url } = await freshDatabase();
  const as = (role: Role | null) => {
    const db = openDatabase(url, { role, applicationName: String(role), maxConnections: 2 });
    after(() => db.close());
    return db;
  };
  const owner = as(null);
  const { predict } = createPostgresRepositories(as('condor_predict'));
  const { prices, settlements, board } = createPostgresRepositories(as('condor_score'));
  const { report } = createPostgresRepositories(as('condor_report'));
  return {
    name: 'postgres',
    async open() {
      await emptyDatabase(owner);
      return { predict, prices, settlements, board, report };
    },
  };
}

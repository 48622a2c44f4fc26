// Runs the repositories' contracts on every implementation: in memory, and over a real database with the
// worker's own role for each repository.

import type { TestContext } from 'node:test';
import { openDatabase, type Role } from './connect.ts';
import { boardContract } from './contract/boards.ts';
import { predictContract } from './contract/predict.ts';
import { settlementContract } from './contract/settlements.ts';
import { createMemoryRepositories } from './memory.ts';
import { createPostgresRepositories, type Repositories } from './repositories.ts';
import { freshDatabase } from './test-database.ts';

export interface Backend {
  readonly name: string;
  open(t: TestContext): Promise<Repositories>;
}

const backends: readonly Backend[] = [
  { name: 'memory', open: async () => createMemoryRepositories() },
  {
    name: 'postgres',
    async open(t) {
      const { url } = await freshDatabase(t);
      const as = (role: Role) => {
        const db = openDatabase(url, { role, applicationName: role, maxConnections: 2 });
        t.after(() => db.close());
        return createPostgresRepositories(db);
      };
      const [{ predict }, { prices, settlements, board }, { report }] = [
        as('condor_predict'),
        as('condor_score'),
        as('condor_report'),
      ];
      return { predict, prices, settlements, board, report };
    },
  },
];

for (const backend of backends) {
  predictContract(backend);
  settlementContract(backend);
  boardContract(backend);
}

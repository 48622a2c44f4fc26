// The five endpoints of the existing backend, so that today's web UI and hub work unchanged: its paths, its
// field names, bare arrays, rows ascending in time.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createBody, jsonType, sendBody } from './body.ts';
import { type HistoryDeps, readPredictions, readSnapshots } from './history.ts';
import { globalRows, paramRows, paramsOf, predictionRows } from './history-rows.ts';
import { naiveIso } from './instant.ts';
import { publicName } from './public-text.ts';
import { missing, parseRangeQuery } from './query.ts';

export function addReports(app: FastifyInstance, deps: HistoryDeps): void {
  const { reads, board, game } = deps;

  app.get('/reports/models', async (request, reply) => {
    const models = await reads.models();
    const rows = models.map(({ modelId, modelName, cruncherName, cruncherId, deploymentId }) => ({
      model_id: modelId,
      model_name: publicName(modelName, publicName(modelId, 'Unknown')),
      cruncher_name: publicName(cruncherName, 'Unknown'),
      cruncher_id: cruncherId,
      deployment_id: deploymentId,
    }));
    return sendRows(request, reply, rows);
  });

  app.get('/reports/leaderboard', async (request, reply) => sendBody(request, reply, (await board.latest()).rows));

  app.get('/reports/models/global', async (request, reply) => {
    const { snapshots, everySeconds } = await readSnapshots(deps, parseRangeQuery(request.query), 1);
    return sendRows(request, noteThinned(reply, everySeconds), globalRows(snapshots));
  });

  app.get('/reports/models/params', async (request, reply) => {
    const rowsEach = paramsOf(game).length;
    const { snapshots, everySeconds } = await readSnapshots(deps, parseRangeQuery(request.query), rowsEach);
    return sendRows(request, noteThinned(reply, everySeconds), paramRows(snapshots, game));
  });

  app.get('/reports/predictions', async (request, reply) => {
    const query = parseRangeQuery(request.query);
    const [modelId, ...others] = query.modelIds ?? [];
    if (modelId === undefined) throw missing('projectIds');
    if (others.length > 0) {
      const detail = 'Service is available only for one model at a time. Please provide a single model_id.';
      return reply.code(400).send({ detail });
    }
    const { predictions, cutBefore } = await readPredictions(deps, modelId, query);
    if (cutBefore !== null) reply.header('x-condor-cut-before', naiveIso(cutBefore));
    return sendRows(request, reply, predictionRows(predictions, game));
  });
}

/** Tells a reader of the headers that a long range was thinned, since bare arrays have no place for it. */
function noteThinned(reply: FastifyReply, everySeconds: number | null): FastifyReply {
  return everySeconds === null ? reply : reply.header('x-condor-every-seconds', everySeconds);
}

async function sendRows(request: FastifyRequest, reply: FastifyReply, rows: readonly object[]) {
  return sendBody(request, reply, await createBody(JSON.stringify(rows), jsonType, { fast: true }));
}

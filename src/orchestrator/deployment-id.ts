// Names of deployments: `{model_id}_{YYYYMMDD}_{HHMMSS}_{mmm}` in local time, as the platform writes them.

import { wallNow } from '../lib/clock.ts';

/** Gives a name no earlier call has given: two in one millisecond are a millisecond apart. */
export function deploymentIds(nowMs: () => number = () => Math.round(wallNow() * 1000)): (modelId: string) => string {
  let last = 0;
  return (modelId) => {
    last = Math.max(last + 1, nowMs());
    const at = new Date(last);
    const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('');
    const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('');
    return `${modelId}_${day}_${time}_${String(at.getMilliseconds()).padStart(3, '0')}`;
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

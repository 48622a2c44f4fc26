// `report_failure`, the one thing a coordinator says (wire-protocol 1.4). A stranger's bytes: whatever is
// wrong with one report is told and costs neither the connection nor the other reports.

import { z } from 'zod';

export interface FailureReport {
  readonly modelId: string;
  readonly failureCode: string;
  readonly failureReason: string | null;
  readonly ip: string;
  /** Extra keys of ours, absent from the existing client's reports: they say which deployment is meant. */
  readonly deploymentId: string | null;
  readonly port: number | null;
}

export type ParsedReports =
  | { readonly reports: readonly FailureReport[]; readonly complaints: readonly string[] }
  /** Another event, or no event at all: none of our business. */
  | null;

/** Elements read of one message; there are not more models than this. */
const reportsMax = 10_000;

export function parseReports(text: string): ParsedReports {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { reports: [], complaints: ['a message is not JSON'] };
  }
  if (typeof message !== 'object' || message === null) {
    return { reports: [], complaints: ['a message is not an object'] };
  }
  if (Reflect.get(message, 'event') !== 'report_failure') return null;
  const data: unknown = Reflect.get(message, 'data');
  if (!Array.isArray(data)) return { reports: [], complaints: ['report_failure has no list "data"'] };
  const reports: FailureReport[] = [];
  const complaints: string[] = [];
  for (const element of data.slice(0, reportsMax)) {
    const result = reportSchema.safeParse(element);
    if (result.success) reports.push(result.data);
    else {
      const [issue] = result.error.issues;
      complaints.push(`report_failure: ${issue?.path.join('.') || 'an element'}: ${issue?.message}`);
    }
  }
  if (data.length > reportsMax) complaints.push(`report_failure has ${data.length} elements, at most ${reportsMax}`);
  return { reports, complaints };
}

const reportSchema = z
  .object({
    model_id: z.union([z.string(), z.number().transform(String)]),
    failure_code: z.string().max(100),
    failure_reason: z.string().nullish(),
    ip: z.string().max(300),
    deployment_id: z.string().nullish().catch(null),
    port: z.coerce.number().nullish().catch(null),
  })
  .transform((report) => ({
    modelId: report.model_id,
    failureCode: report.failure_code,
    failureReason: report.failure_reason?.slice(0, 500) ?? null,
    ip: report.ip,
    deploymentId: report.deployment_id ?? null,
    port: report.port ?? null,
  }));

// A prediction: one member's answer to one round. How the call ended is predict's word (status, cause);
// whether the content is a forecast is score's (verdict).

export type Status = 'success' | 'failed' | 'timeout' | 'absent';

/**
 * Why a call did not succeed. `busy`: the model was still at work on an earlier call; `raised`: a status
 * word other than SUCCESS; `crashed`: the connection was lost; `oversize`: the answer exceeds the limit;
 * `refused`: no connection could be made; `interrupted`: our worker was restarted during the round.
 */
export type Cause =
  | 'timeout'
  | 'busy'
  | 'raised'
  | 'undecodable'
  | 'crashed'
  | 'oversize'
  | 'refused'
  | 'unauthenticated'
  | 'absent'
  | 'interrupted';

/** The wire's names for the type of a value. */
export type VariantName = 'none' | 'double' | 'int' | 'string' | 'parquet' | 'arrow' | 'json';

export interface Prediction {
  readonly roundId: string;
  readonly modelId: string;
  readonly deploymentId: string | null;
  readonly status: Status;
  /** Null exactly on success. */
  readonly cause: Cause | null;
  /** The model's own words: at most 500 characters, no control characters; untrusted. */
  readonly detail: string | null;
  /** Market time, unix seconds with a fraction. */
  readonly answeredAt: number | null;
  /** From sending the question to the whole answer, wall time. */
  readonly latencyUs: number | null;
  /** Waiting in our mailbox before it was sent, wall time. Never charged to the model. */
  readonly queuedUs: number | null;
  /** Null unless status is success. */
  readonly answer: Answer | null;
}

/** The raw bytes of an answer, as the wire brought them. Only score looks inside. */
export interface Answer {
  readonly type: VariantName;
  readonly bytes: Uint8Array;
}

/** `valid`, or `invalid` with the path and reason. Score's word on a successful call. */
export interface Verdict {
  readonly roundId: string;
  readonly modelId: string;
  readonly verdict: 'valid' | 'invalid';
  readonly reason: string | null;
}

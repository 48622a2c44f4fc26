// A limit on waiting.

/** Thrown when the deadline has passed; nothing is said about the work. */
export class DeadlinePassed extends Error {}

/**
 * What `promise` resolves to, when it does so within `deadlineMs` of wall time. Giving up does not end the
 * work behind it.
 * @throws DeadlinePassed naming the deadline.
 */
export async function withDeadline<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

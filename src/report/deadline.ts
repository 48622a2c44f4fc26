// A limit on waiting.

/**
 * What `promise` resolves to, when it does so within `deadlineMs` of wall time. Giving up does not end the
 * work behind it.
 * @throws Error naming the deadline when it has passed.
 */
export async function withDeadline<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

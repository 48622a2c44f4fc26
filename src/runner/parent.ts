// Ends this process when its parent has vanished. Runs on the main thread, which the model never blocks.

/** How often it looks; the promise is two seconds. */
const everyMs = 500;

/**
 * Calls `onGone` once when process `pid` is no longer there. A direct parent is watched through our own
 * parent id, which no later process can inherit; any other by signal 0. Returns a function that stops.
 */
export function watchParent(pid: number, onGone: () => void): () => void {
  const isDirect = process.ppid === pid;
  const timer = setInterval(() => {
    if (isDirect ? process.ppid === pid : isAlive(pid)) return;
    clearInterval(timer);
    onGone();
  }, everyMs);
  return () => clearInterval(timer);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

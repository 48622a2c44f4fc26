// Cuts a model's output into lines fit for a log: no control characters, bounded in length and in number.

/** Longer lines are cut: a log is read by people. */
const lineMax = 2000;

/** Lines a model may write at once, and per second from then on. */
const burst = 200;
const perSecond = 20;

/** Takes chunks as they come; calls `write` with whole lines, and says how many it left out. */
export function lineLimiter(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): (chunk: string) => void {
  let partial = '';
  let allowance = burst;
  let refilledAt = now();
  let dropped = 0;

  return (chunk) => {
    const lines = (partial + chunk).split('\n');
    partial = (lines.pop() ?? '').slice(0, lineMax + 1);
    const at = now();
    allowance = Math.min(burst, allowance + ((at - refilledAt) / 1000) * perSecond);
    refilledAt = at;
    for (const line of lines) {
      if (line.trim() === '') continue;
      if (allowance < 1) {
        dropped++;
        continue;
      }
      allowance--;
      if (dropped > 0) write(`[${dropped} lines left out: more than ${perSecond} a second]`);
      dropped = 0;
      write(clean(line));
    }
  };
}

/** A stranger's words on an operator's terminal: nothing that moves the cursor or reverses the text. */
function clean(line: string): string {
  const shown = line.length > lineMax ? `${line.slice(0, lineMax)}…` : line;
  return shown.replace(/\r$/, '').replace(/\p{Cc}|\p{Bidi_Control}/gu, (char) => (char === '\t' ? ' ' : '�'));
}

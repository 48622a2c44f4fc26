// Bounds what a model prints: a burst is fine, a flood is cut and counted. 100 MB of prints cost the
// model its own time and nobody anything.

/** Characters a model may print at once, and per second from then on: far more than a person reads. */
const burst = 65_536;
const perSecond = 16_384;

/** Passes text on to `write` within the limit; says how much it left out as soon as there is room again. */
export function limitOutput(
  write: (text: string) => void,
  now: () => number = () => performance.now(),
): (text: string) => void {
  let allowance = burst;
  let refilledAt = now();
  let dropped = 0;
  return (text) => {
    const at = now();
    allowance = Math.min(burst, allowance + ((at - refilledAt) / 1000) * perSecond);
    refilledAt = at;
    if (text.length > allowance) {
      dropped += text.length;
      return;
    }
    allowance -= text.length;
    if (dropped > 0) write(`[${dropped} characters of output left out: more than ${perSecond} a second]\n`);
    dropped = 0;
    write(text);
  };
}

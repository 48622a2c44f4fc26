// What a world's prices are, in words for people.

/** One phrase for `simulated:SEED`, `replay:HASH` or `live:SOURCE`, with whether the market is real and now. */
export function worldNote(world: string): string {
  const [kind, detail = ''] = world.split(/:(.*)/s);
  switch (kind) {
    case 'simulated':
      return `simulated prices, seed ${detail}: not a real market`;
    case 'replay':
      return 'recorded prices, played again: not live';
    case 'live':
      return `live prices from ${detail}`;
    default:
      return `prices from ${world}`;
  }
}

/** Where a value lies between two others, as a share of their distance, which may be more than a double holds. */
export function shareBetween(low: number, high: number, value: number): number {
  const width = high - low;
  // Halves lose nothing where the whole is too large.
  return Number.isFinite(width) ? (value - low) / width : (value / 2 - low / 2) / (high / 2 - low / 2);
}

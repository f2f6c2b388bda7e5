/** An effect against its limit. The limit stands at a third of the width; what is three times it fills the bar. */
export function Meter({ value, limit, drift, label }: { value: number; limit: number; drift: boolean; label: string }) {
  const width = 120;
  const mark = width / 3;
  const long = Math.min(width, (value / Math.max(limit, 1e-12)) * mark);
  return (
    <svg class="meter" viewBox={`0 0 ${width} 14`} role="img" aria-label={label}>
      <rect class="ground" x={0} y={4} width={width} height={6} rx={3} />
      <rect class={drift ? 'level drift' : 'level'} x={0} y={4} width={Math.max(long, 1.5)} height={6} rx={3} />
      <line class="mark" x1={mark} x2={mark} y1={1} y2={13} />
    </svg>
  );
}

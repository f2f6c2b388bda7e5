import { line } from 'd3-shape';

export type SparkProps = {
  /** Null values leave a gap. */
  readonly values: readonly (number | null)[];
  /** What a screen reader says instead. */
  readonly label: string;
  readonly area?: boolean;
  /** Let the values fill the height, as for an AUC near 0.9; without it zero is the ground. */
  readonly fit?: boolean;
  readonly tone?: 'calm' | 'drift';
};

/** A line without axes, its last value marked. */
export function Spark({ values, label, area = true, fit = false, tone = 'calm' }: SparkProps) {
  const width = 120;
  const height = 28;
  const known = values.filter((value) => value !== null);
  const ground = fit ? [] : [0];
  const top = Math.max(...known, ...ground);
  const bottom = Math.min(...known, ...ground);
  const x = (i: number): number => (values.length < 2 ? width / 2 : 3 + (i / (values.length - 1)) * (width - 6));
  const y = (value: number): number => height - 3 - ((value - bottom) / (top - bottom || 1)) * (height - 6);
  const path = line<number | null>()
    .defined((value) => value !== null)
    .x((_, i) => x(i))
    .y((value) => y(value ?? 0))(values);
  const last = values.findLastIndex((value) => value !== null);
  return (
    <svg class={`spark chart ${tone}`} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {area && known.length > 1 && (
        <path class="area" d={`${path ?? ''}L${x(values.length - 1)},${height}L${x(0)},${height}Z`} />
      )}
      <path class="cur-line" d={path ?? ''} />
      {last >= 0 && <circle class="point" cx={x(last)} cy={y(values[last] ?? 0)} r={2.5} />}
    </svg>
  );
}

/** Small bars of two sides on the same values: the first behind, the second in front. */
export function MiniPair({ from, to, label }: { from: readonly number[]; to: readonly number[]; label: string }) {
  const width = 132;
  const height = 34;
  const top = Math.max(...from, ...to, Number.MIN_VALUE);
  const step = Math.min(width / Math.max(from.length, 1), 24);
  const tall = (share: number): number => (share > 0 ? Math.max(1, (share / top) * (height - 2)) : 0);
  const bar = (share: number) => ({ y: height - tall(share), height: tall(share) });
  return (
    <svg class="mini chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {from.map((share, i) => (
        <>
          <rect class="ref" x={i * step + 0.25} width={Math.max(step - 0.75, 0.75)} {...bar(share)} />
          <rect class="cur" x={i * step + step * 0.25} width={step * 0.45} {...bar(to[i] ?? 0)} />
        </>
      ))}
      <line class="axis" x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
    </svg>
  );
}

/** Small bars of shares, as a column's histogram or its top values. */
export function MiniBars({
  shares,
  label,
  apart = false,
}: {
  shares: readonly number[];
  label: string;
  /** Bars of values stand apart, those of a histogram touch. */
  apart?: boolean;
}) {
  const width = 132;
  const height = 34;
  const top = Math.max(...shares, Number.MIN_VALUE);
  const step = Math.min(width / Math.max(shares.length, 1), apart ? 24 : width);
  const gap = apart ? 3 : 1;
  return (
    <svg class="mini chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {shares.map((share, i) => {
        const tall = share > 0 ? Math.max(1, (share / top) * (height - 2)) : 0;
        return (
          <rect
            class="cur"
            x={i * step + 0.5}
            y={height - tall}
            width={Math.max(step - gap, 0.75)}
            height={tall}
            rx={Math.min(1, step / 4)}
          />
        );
      })}
      <line class="axis" x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
    </svg>
  );
}

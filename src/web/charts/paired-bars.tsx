import { formatCount, formatShare } from '../format.ts';

/** One bin on both sides: its label and the share of each side's rows that fall into it. */
export type PairedBin = {
  /** In full, and as it stands below a bar. */
  readonly label: string;
  readonly short: string;
  readonly reference: number;
  readonly window: number;
  /** Missing, unseen and out-of-range mass stand apart from the bins of the values. */
  readonly special: boolean;
};

const WIDTH = 640;
const HEIGHT = 240;
/** Room for the longest label, slanted: it ran into the legend. */
const BOTTOM = 64;
const LEFT = 40;

/** What the side is called that is held against the reference. */
export type CurrentName = 'window' | 'current table';

/** Reference (behind) and window (in front) on the same bins: the picture of a drift. */
export function PairedBars({
  bins,
  label,
  current = 'window',
}: {
  bins: readonly PairedBin[];
  label: string;
  current?: CurrentName;
}) {
  const top = Math.max(...bins.flatMap((bin) => [bin.reference, bin.window]), 0.001);
  const gap = bins.some((bin) => bin.special) ? 14 : 0;
  const step = (WIDTH - LEFT - gap) / Math.max(bins.length, 1);
  const y = (share: number): number => HEIGHT - BOTTOM - (share / top) * (HEIGHT - BOTTOM - 12);
  const every = Math.ceil(bins.length / 12);
  return (
    <figure class="figure">
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {[0.5, 1].map((part) => (
          <g>
            <line class="axis" x1={LEFT} x2={WIDTH} y1={y(top * part)} y2={y(top * part)} />
            <text x={LEFT - 6} y={y(top * part) + 4} text-anchor="end">
              {formatShare(top * part)}
            </text>
          </g>
        ))}
        {bins.map((bin, i) => (
          <Pair
            bin={bin}
            current={current}
            place={{ x: LEFT + i * step + (bin.special ? gap : 0), step, y }}
            named={i % every === 0 || bin.special}
          />
        ))}
        <line class="axis" x1={LEFT} x2={WIDTH} y1={y(0)} y2={y(0)} />
      </svg>
      <figcaption class="legend">
        <span>
          <i class="is-ref" />
          reference
        </span>
        <span>
          <i class="is-cur" />
          {current}
        </span>
      </figcaption>
    </figure>
  );
}

type Place = { readonly x: number; readonly step: number; readonly y: (share: number) => number };

type PairProps = {
  readonly bin: PairedBin;
  readonly current: CurrentName;
  readonly place: Place;
  readonly named: boolean;
};

function Pair({ bin, current, place, named }: PairProps) {
  const { x, step, y } = place;
  const ground = y(0);
  const middle = x + step / 2;
  const below = HEIGHT - BOTTOM + 14;
  const bar = (share: number) => ({ y: y(share), height: ground - y(share), rx: 1.5 });
  return (
    <g>
      <title>{`${bin.label}: reference ${formatShare(bin.reference)}, ${current} ${formatShare(bin.window)}`}</title>
      <rect class="ref" x={x + step * 0.08} width={step * 0.84} {...bar(bin.reference)} />
      <rect class="cur" x={x + step * 0.28} width={step * 0.44} {...bar(bin.window)} />
      {bin.special && (
        <rect
          class="hole"
          x={x + step * 0.04}
          width={step * 0.92}
          y={8}
          height={ground - 8}
          rx={2}
          stroke-dasharray="2 3"
        />
      )}
      {named && (
        <text x={middle} y={below} text-anchor="end" transform={`rotate(-32 ${middle} ${below})`}>
          {bin.short.length > 14 ? `${bin.short.slice(0, 13)}…` : bin.short}
        </text>
      )}
    </g>
  );
}

/** The same numbers as a table, for whoever cannot see the picture. */
export function PairedTable({
  bins,
  rows,
  current = 'window',
}: {
  bins: readonly PairedBin[];
  rows: { reference: number; window: number };
  current?: CurrentName;
}) {
  return (
    <details>
      <summary class="small soft">The numbers behind the picture</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Bin</th>
              <th class="num">Reference</th>
              <th class="num">{current === 'window' ? 'Window' : 'Current table'}</th>
            </tr>
          </thead>
          <tbody>
            {bins.map((bin) => (
              <tr>
                <td>
                  <bdi>{bin.label}</bdi>
                </td>
                <td class="num">
                  {formatShare(bin.reference)} <span class="faint">{formatCount(bin.reference * rows.reference)}</span>
                </td>
                <td class="num">
                  {formatShare(bin.window)} <span class="faint">{formatCount(bin.window * rows.window)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

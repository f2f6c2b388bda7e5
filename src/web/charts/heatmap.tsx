import { formatNumber, formatTime } from '../format.ts';

export type HeatCell = {
  readonly verdict: string;
  readonly measure: string | null;
  readonly effect: number | null;
  readonly limit: number | null;
  readonly ratio: number | null;
};

export type HeatmapProps = {
  readonly windows: readonly { readonly start: string; readonly verdict: string | null; readonly rows: number }[];
  readonly columns: readonly { readonly name: string; readonly role: string }[];
  readonly cells: readonly (readonly (HeatCell | null)[])[];
  readonly hrefOf: (column: string, start: string) => string;
  readonly windowHref: (start: string) => string;
  /** Moments from which another reference is in force. */
  readonly markers: readonly { readonly at: string; readonly text: string }[];
};

const LABEL = 150;
const ROW = 20;
const TOP = 34;
const WIDTH = 1160;

/** Windows across, columns down; a drifted cell has a diamond in it, one that was not judged is hatched. */
export function Heatmap({ windows, columns, cells, hrefOf, windowHref, markers }: HeatmapProps) {
  const step = Math.min(46, (WIDTH - LABEL) / Math.max(windows.length, 1));
  const height = TOP + columns.length * ROW + 8;
  const every = Math.max(1, Math.ceil(windows.length / 9));
  return (
    <svg class="heat" viewBox={`0 0 ${WIDTH} ${height}`}>
      <title>{`${columns.length} columns over ${windows.length} windows`}</title>
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch-line" x1="0" x2="0" y1="0" y2="5" />
        </pattern>
      </defs>
      {windows.map(
        (window, w) =>
          w % every === 0 && (
            <a href={windowHref(window.start)}>
              <text x={LABEL + w * step} y={TOP - 10}>
                {formatTime(window.start).slice(0, 10)}
              </text>
            </a>
          ),
      )}
      {columns.map((column, c) => (
        <g>
          <text x={LABEL - 10} y={TOP + c * ROW + 14} text-anchor="end">
            {column.name.length > 20 ? `${column.name.slice(0, 19)}…` : column.name}
          </text>
          {windows.map((window, w) => (
            <Cell
              cell={cells[c]?.[w] ?? null}
              place={{ x: LABEL + w * step, y: TOP + c * ROW, width: step, height: ROW }}
              href={hrefOf(column.name, window.start)}
              name={`${column.name}, ${formatTime(window.start)}`}
            />
          ))}
        </g>
      ))}
      {markers.map((marker) => {
        const w = windows.findIndex((window) => window.start >= marker.at);
        if (w === -1) return null;
        return (
          <g>
            <title>{marker.text}</title>
            <line class="marker" x1={LABEL + w * step} x2={LABEL + w * step} y1={TOP - 5} y2={height} />
          </g>
        );
      })}
    </svg>
  );
}

type Place = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

function Cell({ cell, place, href, name }: { cell: HeatCell | null; place: Place; href: string; name: string }) {
  const middle = { x: place.x + place.width / 2, y: place.y + place.height / 2 };
  if (cell === null) return <rect class="cell none" {...place} />;
  const drift = cell.verdict === 'drift';
  const value =
    cell.effect === null ? '' : `: ${cell.measure} ${formatNumber(cell.effect)} (limit ${formatNumber(cell.limit)})`;
  return (
    <a href={href} aria-label={`${name}: ${cell.verdict.replaceAll('_', ' ')}`}>
      <title>{`${name}: ${cell.verdict.replaceAll('_', ' ')}${value}`}</title>
      <rect class={`cell ${shade(cell)}`} {...place} rx={2} />
      {drift && (
        <rect
          class="mark"
          x={middle.x - 2.5}
          y={middle.y - 2.5}
          width={5}
          height={5}
          transform={`rotate(45 ${middle.x} ${middle.y})`}
        />
      )}
    </a>
  );
}

/** Shades below the limit in the accent, above it and drifted in the colour of drift. */
function shade(cell: HeatCell): string {
  if (cell.verdict !== 'drift' && cell.verdict !== 'no_drift') return 'insufficient';
  const ratio = cell.ratio ?? 0;
  if (cell.verdict === 'drift') return ratio < 1.5 ? 'd1' : ratio < 3 ? 'd2' : 'd3';
  return ratio < 0.25 ? 'h0' : ratio < 0.5 ? 'h1' : ratio < 0.8 ? 'h2' : 'h3';
}

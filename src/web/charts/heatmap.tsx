import { formatCount, formatNumber, formatTime } from '../format.ts';

export type HeatCell = {
  readonly verdict: string;
  readonly measure: string | null;
  readonly effect: number | null;
  readonly limit: number | null;
  /** Effect over limit: 1 is where it begins to matter. */
  readonly ratio: number | null;
};

type HeatWindow = {
  readonly start: Date;
  readonly state: string;
  readonly rows: number;
};

export type HeatmapProps = {
  readonly windows: readonly HeatWindow[];
  readonly columns: readonly { readonly name: string; readonly role: string }[];
  /** `cells[c][w]`; null where the column was not judged. */
  readonly cells: readonly (readonly (HeatCell | null)[])[];
  readonly columnHref: (column: string, start: Date) => string;
  readonly windowHref: (start: Date) => string;
  /** Moments from which another reference is in force. */
  readonly markers: readonly { readonly at: Date; readonly text: string }[];
};

const LABEL = 150;
const ROW = 20;
/** Dates, then the strip of traffic, then verdicts, then the cells. */
const STRIP = 22;
const STRIP_HEIGHT = 30;
const VERDICTS = STRIP + STRIP_HEIGHT + 5;
const TOP = VERDICTS + 24;
const WIDTH = 1160;

/** Windows across, columns down; a drifted cell has a diamond in it, one that was not judged is hatched. */
export function Heatmap({ windows, columns, cells, columnHref, windowHref, markers }: HeatmapProps) {
  const step = Math.min(64, (WIDTH - LABEL) / Math.max(windows.length, 1));
  const height = TOP + columns.length * ROW + 6;
  const left = (w: number): number => LABEL + w * step;
  return (
    <svg class="heat" viewBox={`0 0 ${WIDTH} ${height}`}>
      <title>{`${columns.length} columns over ${windows.length} windows`}</title>
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch-line" x1="0" x2="0" y1="0" y2="5" />
        </pattern>
      </defs>
      <Strip windows={windows} step={step} windowHref={windowHref} />
      {columns.map((column, c) => (
        <g>
          <text x={LABEL - 10} y={TOP + c * ROW + 14} text-anchor="end" class={column.role}>
            <title>{`${column.name} (${column.role})`}</title>
            {column.name.length > 20 ? `${column.name.slice(0, 19)}…` : column.name}
          </text>
          {windows.map((window, w) => (
            <Cell
              cell={cells[c]?.[w] ?? null}
              place={{ x: left(w), y: TOP + c * ROW, width: step, height: ROW }}
              href={columnHref(column.name, window.start)}
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
            <line class="marker" x1={left(w)} x2={left(w)} y1={STRIP - 4} y2={height - 4} />
          </g>
        );
      })}
    </svg>
  );
}

type StripProps = Pick<HeatmapProps, 'windows' | 'windowHref'> & { step: number };

/** Above the cells: when, how much traffic, and what the window as a whole was found to be. */
function Strip({ windows, windowHref, step }: StripProps) {
  const most = Math.max(...windows.map(({ rows }) => rows), 1);
  const every = Math.max(1, Math.ceil(70 / step));
  return (
    <g>
      <text x={LABEL - 10} y={STRIP + STRIP_HEIGHT - 2} text-anchor="end">
        predictions
      </text>
      <text x={LABEL - 10} y={VERDICTS + 13} text-anchor="end">
        verdict
      </text>
      {windows.map((window, w) => {
        const x = LABEL + w * step;
        const tall = (window.rows / most) * STRIP_HEIGHT;
        const words = `${formatTime(window.start)}: ${window.state.replaceAll('_', ' ')}, ${formatCount(window.rows)} predictions`;
        return (
          <a href={windowHref(window.start)} aria-label={words}>
            <title>{words}</title>
            {w % every === 0 && (
              <text x={x + 1} y={12}>
                {formatTime(window.start).slice(0, 10)}
              </text>
            )}
            <rect class="hit" x={x} y={STRIP} width={step} height={VERDICTS + 18 - STRIP} />
            <rect
              class="traffic"
              x={x + 1}
              y={STRIP + STRIP_HEIGHT - tall}
              width={Math.max(step - 2, 1)}
              height={tall}
            />
            <WindowMark state={window.state} x={x + step / 2} y={VERDICTS + 9} />
          </a>
        );
      })}
    </g>
  );
}

/** A mark of its own shape for each verdict, as elsewhere. */
function WindowMark({ state, x, y }: { state: string; x: number; y: number }) {
  if (state === 'drift' || state === 'failed' || state === 'error') {
    const turn = `rotate(45 ${x} ${y})`;
    return <rect class="window-mark drift" x={x - 4} y={y - 4} width={8} height={8} rx={1} transform={turn} />;
  }
  if (state === 'no_drift') return <circle class="window-mark calm" cx={x} cy={y} r={3.5} />;
  return <circle class="window-mark hollow" cx={x} cy={y} r={3} />;
}

type Place = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

function Cell({ cell, place, href, name }: { cell: HeatCell | null; place: Place; href: string; name: string }) {
  const middle = { x: place.x + place.width / 2, y: place.y + place.height / 2 };
  if (cell === null) return <rect class="cell none" {...place} />;
  const value =
    cell.effect === null ? '' : `: ${cell.measure} ${formatNumber(cell.effect)} (limit ${formatNumber(cell.limit)})`;
  const words = `${name}: ${cell.verdict.replaceAll('_', ' ')}`;
  return (
    <a href={href} aria-label={words}>
      <title>{words + value}</title>
      <rect class={`cell ${shade(cell)}`} {...place} rx={2} />
      {cell.verdict === 'drift' && (
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

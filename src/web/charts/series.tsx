import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { formatNumber, formatTime } from '../format.ts';

export type SeriesPoint = {
  /** Where on the axis, e.g. a window's start. */
  readonly at: Date;
  readonly value: number | null;
  /** Bounds of its interval, drawn as a band. */
  readonly low?: number | null;
  readonly high?: number | null;
  /** Drawn as a diamond in the colour of drift. */
  readonly drift?: boolean;
  /** The window that the page is about: ringed. */
  readonly current?: boolean;
  readonly href?: string;
  readonly title: string;
};

export type SeriesMarker = { readonly at: Date; readonly text: string };

export type SeriesProps = {
  readonly points: readonly SeriesPoint[];
  readonly label: string;
  /** A horizontal line that separates what matters from what does not. */
  readonly limit?: { readonly value: number; readonly text: string } | undefined;
  readonly markers?: readonly SeriesMarker[];
  /** Show zero on the axis, as for distances; without it the axis fits the values, as for an AUC near 0.9. */
  readonly fromZero: boolean;
  readonly height?: number;
  /** Of the drawing's own units: a narrow one keeps its letters readable beside others. */
  readonly width?: number;
};

const LEFT = 48;
const RIGHT = 16;
const TOP = 18;
const BOTTOM = 24;

/** Values over windows, with their interval, limit and the moments that explain a step. */
export function Series({ points, label, limit, markers = [], fromZero, height = 200, width = 960 }: SeriesProps) {
  const times = points.map((point) => point.at.getTime());
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const x = scaleLinear([first, Math.max(last, first + 1)], [LEFT + 6, width - RIGHT - 6]);
  const y = scaleLinear(extent(points, limit?.value, fromZero), [height - BOTTOM, TOP]).nice(4);
  const frame = { x, y, width, height };
  const within = markers.filter(({ at }) => at.getTime() >= first && at.getTime() <= last);
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`}>
      <title>{label}</title>
      <Axes points={points} frame={frame} />
      {within.map((marker) => (
        <Marker marker={marker} frame={frame} />
      ))}
      {limit !== undefined && (
        <g>
          <line class="limit" x1={LEFT} x2={width - RIGHT} y1={y(limit.value)} y2={y(limit.value)} />
          <text class="limit-text" x={width - RIGHT} y={y(limit.value) - 5} text-anchor="end">
            {limit.text}
          </text>
        </g>
      )}
      <Curve points={points} frame={frame} />
      {points.map(
        (point) => point.value !== null && <Point point={point} x={x(point.at.getTime())} y={y(point.value)} />,
      )}
    </svg>
  );
}

type Scale = ScaleLinear<number, number>;
type Frame = { readonly x: Scale; readonly y: Scale; readonly width: number; readonly height: number };

function Axes({ points, frame }: { points: readonly SeriesPoint[]; frame: Frame }) {
  const { x, y, width, height } = frame;
  return (
    <g>
      {y.ticks(4).map((tick) => (
        <g>
          <line class="axis" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
            {formatNumber(tick)}
          </text>
        </g>
      ))}
      {axisTimes(points, width < 700 ? 4 : 6).map(({ at }, i, all) => (
        <text
          x={x(at.getTime())}
          y={height - 6}
          text-anchor={i === 0 ? 'start' : i === all.length - 1 ? 'end' : 'middle'}
        >
          {formatTime(at).slice(0, 10)}
        </text>
      ))}
    </g>
  );
}

/** A moment and its name, on the side where there is room. */
function Marker({ marker, frame }: { marker: SeriesMarker; frame: Frame }) {
  const at = frame.x(marker.at.getTime());
  const late = at > frame.width * 0.6;
  return (
    <g>
      <line class="marker" x1={at} x2={at} y1={TOP - 6} y2={frame.height - BOTTOM} />
      <text class={late ? 'marker-text end' : 'marker-text'} x={late ? at - 4 : at + 4} y={TOP - 4}>
        {marker.text}
      </text>
    </g>
  );
}

/** The line of the values over the band of their intervals; a missing value leaves a gap in both. */
function Curve({ points, frame }: { points: readonly SeriesPoint[]; frame: Frame }) {
  const { x, y } = frame;
  const at = (point: SeriesPoint): number => x(point.at.getTime());
  const path = line<SeriesPoint>()
    .defined((point) => point.value !== null)
    .x(at)
    .y((point) => y(point.value ?? 0))([...points]);
  const band = area<SeriesPoint>()
    .defined((point) => typeof point.low === 'number' && typeof point.high === 'number')
    .x(at)
    .y0((point) => y(point.low ?? 0))
    .y1((point) => y(point.high ?? 0))([...points]);
  return (
    <g>
      {band !== null && <path class="band" d={band} />}
      <path class="cur-line" d={path ?? ''} />
    </g>
  );
}

function Point({ point, x, y }: { point: SeriesPoint; x: number; y: number }) {
  const mark = point.drift ? (
    <rect class="point drift" x={x - 4} y={y - 4} width={8} height={8} transform={`rotate(45 ${x} ${y})`} />
  ) : (
    <circle class="point" cx={x} cy={y} r={3} />
  );
  const titled = (
    <g>
      <title>{point.title}</title>
      {point.current && <circle class="ring" cx={x} cy={y} r={8} />}
      {mark}
    </g>
  );
  return point.href === undefined ? titled : <a href={point.href}>{titled}</a>;
}

function extent(points: readonly SeriesPoint[], limit: number | undefined, fromZero: boolean): [number, number] {
  const values = points
    .flatMap((point) => [point.value, point.low, point.high])
    .filter((value) => typeof value === 'number');
  if (limit !== undefined) values.push(limit);
  if (fromZero || values.length === 0) values.push(0);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? [low - 0.5, high + 0.5] : [low, high + (high - low) * 0.06];
}

/** Points spread over the axis, at most so many, the first and the last among them. */
function axisTimes(points: readonly SeriesPoint[], most: number): SeriesPoint[] {
  const count = Math.min(most, points.length);
  const chosen = Array.from({ length: count }, (_, i) =>
    Math.round((i * (points.length - 1)) / Math.max(1, count - 1)),
  );
  return points.filter((_, i) => chosen.includes(i));
}

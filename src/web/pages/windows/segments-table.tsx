import { segmentText } from '../../../domain/segment/judge-segments.ts';
import { formatCount } from '../../format.ts';
import { State } from '../../layout.tsx';
import type { ReportBody } from '../../report-body.ts';

/** What became of the segments of a window, those that drifted first. */
export function SegmentsTable({ segments }: { segments: NonNullable<ReportBody['segments']> }) {
  const rows = segments.flatMap(({ by, values }) => values.map((value) => ({ by, ...value })));
  const left = segments.filter(({ left_out: out }) => out !== null && out.values > 0);
  const drifted = (row: (typeof rows)[number]): number => (row.verdict === 'drift' ? 1 : 0);
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Segment</th>
            <th>Verdict</th>
            <th class="num">Rows</th>
            <th class="num">Of the reference</th>
            <th>What was found</th>
          </tr>
        </thead>
        <tbody>
          {rows
            .toSorted((a, b) => drifted(b) - drifted(a))
            .map(({ by, value, verdict, rows: sides, why }) => (
              <tr>
                <td>
                  <bdi>{segmentText(by, value)}</bdi>
                </td>
                <td>
                  <State of={verdict} />
                </td>
                <td class="num">{formatCount(sides.window)}</td>
                <td class="num">{formatCount(sides.reference)}</td>
                <td>{why}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {left.map(({ by, left_out: out }) => (
        <p class="small soft pad">
          {formatCount(out?.values ?? 0)} more values of <bdi>{by}</bdi> are not judged by themselves:{' '}
          <bdi>{(out?.examples ?? []).map((value) => value ?? 'none').join(', ')}</bdi>
          {(out?.values ?? 0) > (out?.examples.length ?? 0) && ' and others'}, {formatCount(out?.rows.window ?? 0)}{' '}
          rows.
        </p>
      ))}
    </div>
  );
}

import type { SegmentSeries } from '../../../domain/monitor/read-segments.ts';
import { segmentText } from '../../../domain/segment/judge-segments.ts';
import { formatCount } from '../../format.ts';
import { State } from '../../layout.tsx';
import { Section, Time } from '../../parts.tsx';

const SHOWN = 20;

/** The segments of a monitor over its newest windows: how often each drifted, and when it did last. */
export function SegmentSeriesTable({ series, hrefOf }: { series: SegmentSeries; hrefOf: (start: Date) => string }) {
  const { windows, segments } = series;
  if (segments.length === 0) return null;
  const hidden = segments.length - SHOWN;
  return (
    <Section
      title="Segments over time"
      aside={
        <span class="small soft">
          of the last {windows.length} windows, the most restless first{hidden > 0 && `; ${hidden} more are not shown`}
        </span>
      }
    >
      <div class="card flush scroll">
        <table>
          <thead>
            <tr>
              <th>Segment</th>
              <th>In the newest window</th>
              <th class="num">Rows in it</th>
              <th class="num">Windows it drifted in</th>
              <th>Last drift</th>
            </tr>
          </thead>
          <tbody>
            {segments.slice(0, SHOWN).map(({ by, value, verdicts }) => {
              const newest = verdicts.at(-1) ?? null;
              const drifted = verdicts.filter((row) => row?.verdict === 'drift').length;
              const last = windows[verdicts.findLastIndex((row) => row?.verdict === 'drift')];
              return (
                <tr>
                  <td>
                    <bdi>{segmentText(by, value)}</bdi>
                  </td>
                  <td>{newest === null ? '–' : <State of={newest.verdict} />}</td>
                  <td class="num">{newest === null ? '–' : formatCount(newest.rows)}</td>
                  <td class="num">{drifted}</td>
                  <td>
                    {last === undefined ? (
                      '–'
                    ) : (
                      <a href={hrefOf(last.start)}>
                        <Time at={last.start} />
                      </a>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

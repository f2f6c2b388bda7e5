import type { ReportDetail } from '../../../domain/monitor/read-reports.ts';
import { describeMeasure } from '../../../domain/report/describe-measure.ts';
import { formatCount, formatTime, shortOid } from '../../format.ts';
import type { Visit } from '../../page.tsx';
import type { ReportBody } from '../../report-body.ts';

const BATCHES = 12;

/** What a report was computed from: everything that a replay reads. */
export function Inputs({ visit, body, report }: { visit: Visit; body: ReportBody; report: ReportDetail }) {
  const { reference, inputs, configuration } = body;
  const repeats = inputs.reduce((sum, input) => sum + input.repeats, 0);
  const measures = [
    ...new Set(
      [...body.columns.flatMap(({ findings }) => findings), ...(body.table ?? [])].map(({ measure }) => measure),
    ),
  ];
  return (
    <div class="card">
      <dl class="pairs">
        <dt>Reference</dt>
        <dd>
          <a href={visit.links.version(reference.dataset, reference.version)}>
            <bdi>{reference.dataset}</bdi>@v{reference.version}
          </a>
          {reference.windows === undefined && `, ${formatCount(reference.rows)} rows`}, <code>{reference.oid}</code>
        </dd>
        {reference.windows !== undefined && (
          <>
            <dt>Compared with</dt>
            <dd>
              <Windows windows={reference.windows} rows={reference.rows} />
            </dd>
          </>
        )}
        {body.previous && (
          <>
            <dt>And with the window before</dt>
            <dd>
              <Windows windows={body.previous.windows} rows={body.previous.rows} />: {body.previous.why}
            </dd>
          </>
        )}
        <dt>Configuration</dt>
        <dd>revision {configuration.revision}</dd>
        <dt>Batches</dt>
        <dd>
          {formatCount(inputs.length)}
          {repeats > 0 && `, with ${formatCount(repeats)} repeated rows left out`}
          <details>
            <summary class="small soft">their contents</summary>
            {inputs.slice(0, BATCHES).map((input) => (
              <div class="small">
                <code>{shortOid(input.oid)}</code> {formatCount(input.rows)} rows
              </div>
            ))}
            {inputs.length > BATCHES && <div class="small soft">and {formatCount(inputs.length - BATCHES)} more</div>}
          </details>
        </dd>
        <dt>Measures</dt>
        <dd class="small">{measures.map((name) => describeMeasure(name).title).join(', ')}</dd>
        <dt>Report</dt>
        <dd>
          <code>{report.report.id}</code>
        </dd>
      </dl>
      {body.violations.length > 0 && (
        <ul class="plain small">
          {body.violations.slice(0, 10).map((violation) => (
            <li>
              <bdi>{violation.column}</bdi>: {violation.code.replaceAll('-', ' ')} in {formatCount(violation.count)}{' '}
              rows
              {violation.examples.length > 0 && (
                <>
                  , e.g. <bdi>{violation.examples.slice(0, 2).join(', ')}</bdi>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

type Compared = { windows: readonly { start: string; end: string }[]; rows: number };

function Windows({ windows, rows }: Compared) {
  const [first] = windows;
  const last = windows.at(-1);
  if (first === undefined || last === undefined) return <>no window: there is none to compare with yet</>;
  const count = windows.length === 1 ? '1 window' : `${formatCount(windows.length)} windows`;
  return (
    <>
      {count} between {formatTime(first.start)} and {formatTime(last.end)}, {formatCount(rows)} rows
    </>
  );
}

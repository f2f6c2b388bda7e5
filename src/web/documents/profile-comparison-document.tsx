import type { StoredComparison } from '../../domain/files/compare-stored.ts';
import { describeMeasure } from '../../domain/report/describe-measure.ts';
import { formatNumber, formatP, formatRange } from '../format.ts';
import { State } from '../layout.tsx';
import { ProfilePairs } from '../pages/datasets/profile-pairs.tsx';
import { Section } from '../parts.tsx';
import { ComparisonHeadline } from './comparison-headline.tsx';
import { standalone, WithoutSection, withSection } from './document.tsx';

type Judged = StoredComparison['columns'][number];

/** One table judged against another by stored profiles, as one page: `columns` in the order in which they are shown. */
export function profileComparisonDocument(found: StoredComparison, columns: readonly Judged[]): Promise<string> {
  const { reference, current, verdict, why, added, removed, skipped } = found;
  const [before, after] = [byName(reference), byName(current)];
  const pairs = columns.flatMap((judgement) => {
    const [from, to] = [before.get(judgement.name), after.get(judgement.name)];
    return from === undefined || to === undefined ? [] : [{ name: judgement.name, from, to, judgement }];
  });
  const sides = { reference: sideOf(reference), current: sideOf(current) };
  const body = (
    <>
      <ComparisonHeadline {...{ verdict, why, added, removed, skipped }} {...sides} by={BY_PROFILES} />
      <ProfilePairs columns={pairs} />
      {withSection(columns).map((column) => (
        <Section title={column.name} aside={<State of={column.verdict} />}>
          <p>{column.why}</p>
          {column.findings.length > 0 && <Bounds findings={column.findings} />}
        </Section>
      ))}
      <WithoutSection columns={columns.length} />
    </>
  );
  return standalone(`${reference.name} → ${current.name}`, body);
}

const BY_PROFILES = 'by stored profiles. Where a profile leaves a value open, the range that holds it is given.';

const sideOf = ({ name, profile }: StoredComparison['reference']) => ({ name, rows: profile.rows });

const byName = ({ profile }: StoredComparison['reference']) =>
  new Map(profile.columns.map((column) => [column.name, column]));

/** Every measure, between the bounds that the profiles prove. */
function Bounds({ findings }: Pick<Judged, 'findings'>) {
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Measure</th>
            <th class="num">Value</th>
            <th class="num">95 % without drift</th>
            <th class="num">Limit</th>
            <th class="num">p</th>
          </tr>
        </thead>
        <tbody>
          {findings.map(({ measure, lower, upper, null95, limit, p, reason }) => (
            <tr>
              <td title={measure}>
                {describeMeasure(measure).title}
                {reason !== null && <span class="small soft"> {reason}</span>}
              </td>
              <td class="num strong">{formatRange(lower, upper, formatNumber)}</td>
              <td class="num soft">{formatNumber(null95)}</td>
              <td class="num">{formatNumber(limit)}</td>
              <td class="num">{p === null ? '–' : formatRange(p.lower, p.upper, formatP)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import type { DescribedRevision } from '../../../domain/monitor/changes.ts';
import { Section, Time } from '../../parts.tsx';

const SHOWN = 20;

/** The configurations that a monitor has had and will have: from when on, whose, why, and what each changed. */
export function Revisions({ revisions }: { revisions: readonly DescribedRevision[] }) {
  if (revisions.length < 2) return null;
  const hidden = revisions.length - SHOWN;
  return (
    <Section
      title="Its configurations"
      aside={hidden > 0 && <span class="small soft">{hidden} older ones are not shown</span>}
    >
      <div class="card flush scroll">
        <table class="stack">
          <thead>
            <tr>
              <th>Revision</th>
              <th>For windows from</th>
              <th>By</th>
              <th>Why</th>
              <th>What it changed</th>
            </tr>
          </thead>
          <tbody>
            {revisions.slice(0, SHOWN).map(({ revision, changes }) => (
              <tr>
                <td data-label="Revision">{revision.revision}</td>
                <td data-label="For windows from">
                  {revision.effectiveFrom === null ? 'the first on' : <Time at={revision.effectiveFrom} />}
                </td>
                <td data-label="By">{revision.author === null ? '–' : <bdi>{revision.author}</bdi>}</td>
                <td data-label="Why">
                  <bdi>{revision.reason}</bdi>
                </td>
                <td data-label="What it changed">
                  {changes.map(({ pointer, before, after }) => (
                    <div class="small">
                      <code>{pointer.slice(1)}</code>: <bdi>{JSON.stringify(before)}</bdi> →{' '}
                      <bdi>{JSON.stringify(after)}</bdi>
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

import type { DescribedRevision } from '../../../domain/monitor/changes.ts';
import { Section, Time } from '../../parts.tsx';
import { StackTable } from '../../stack-table.tsx';

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
      <StackTable
        rows={revisions.slice(0, SHOWN)}
        columns={[
          { head: 'Revision', cell: ({ revision }) => revision.revision },
          {
            head: 'For windows from',
            cell: ({ revision }) =>
              revision.effectiveFrom === null ? 'the first on' : <Time at={revision.effectiveFrom} />,
          },
          {
            head: 'By',
            cell: ({ revision }) => (revision.author === null ? '–' : <bdi>{revision.author}</bdi>),
          },
          { head: 'Why', cell: ({ revision }) => <bdi>{revision.reason}</bdi> },
          {
            head: 'What it changed',
            cell: ({ changes }) =>
              changes.map(({ pointer, before, after }) => (
                <div class="small">
                  <code>{pointer.slice(1)}</code>: <bdi>{JSON.stringify(before)}</bdi> →{' '}
                  <bdi>{JSON.stringify(after)}</bdi>
                </div>
              )),
          },
        ]}
      />
    </Section>
  );
}

import type { ContentDiff } from '../../../domain/dataset/diff.ts';
import { Section } from '../../parts.tsx';
import { StackTable } from '../../stack-table.tsx';
import { ProfilePairs } from './profile-pairs.tsx';

type Ready = Extract<ContentDiff, { state: 'ready' }>;

/** Schema and columns of a diff, by the stored profiles of both versions. */
export function DiffColumns({ content }: { content: Ready }) {
  const both = content.columns.flatMap(({ name, from, to, judgement }) =>
    from === null || to === null ? [] : [{ name, from, to, judgement }],
  );
  return (
    <>
      <Section title="Schema">
        <SchemaChanges schema={content.schema} />
      </Section>
      <Section
        title="Columns"
        aside={
          <span class="legend">
            <span>
              <i class="is-ref" />
              before
            </span>
            <span>
              <i class="is-cur" />
              after
            </span>
          </span>
        }
      >
        <p class="small soft">
          From the stored profiles of both versions, without reading the data again. Where a profile leaves a value
          open, the range that holds it is given.
        </p>
        <ProfilePairs columns={both} />
      </Section>
    </>
  );
}

function SchemaChanges({ schema }: Pick<Ready, 'schema'>) {
  const { added, removed, changed, reordered } = schema;
  if (added.length + removed.length + changed.length === 0) {
    return <p class="card empty">{reordered ? 'The same columns in another order.' : 'The same columns and types.'}</p>;
  }
  const shape = (side: { type: string; nullable: boolean; presence: string }): string =>
    [side.type, side.nullable ? 'nullable' : '', side.presence === 'optional' ? 'not in every file' : '']
      .filter((word) => word !== '')
      .join(', ');
  const rows = [
    ...added.map((column) => ({ change: 'added', name: column.name, text: shape(column) })),
    ...removed.map((column) => ({ change: 'removed', name: column.name, text: shape(column) })),
    ...changed.map(({ name, from, to }) => ({ change: 'changed', name, text: `${shape(from)} → ${shape(to)}` })),
  ];
  return (
    <div class="card flush">
      <StackTable
        framed={false}
        columns={[
          { head: 'Change', class: 'soft', cell: ({ change }) => change },
          { head: 'Column', cell: ({ name }) => <bdi class="strong">{name}</bdi> },
          { head: 'Type', cell: ({ text }) => text },
        ]}
        rows={rows}
      />
      {reordered && <p class="small soft pad">The columns that both have stand in another order.</p>}
    </div>
  );
}

import type { LocalProfile } from '../../domain/files/profile-files.ts';
import type { RowRelations } from '../../domain/relations/relate-rows-task.ts';
import { isSayable } from '../column-notes.ts';
import { formatBytes, formatCount, formatNumber } from '../format.ts';
import { ColumnsTable } from '../pages/datasets/columns-table.tsx';
import { Section } from '../parts.tsx';
import { standalone } from './document.tsx';

/** What is in a table of this machine, as one page. */
export function profileDocument(
  { name, files, profile, schema, warnings }: LocalProfile,
  relations: RowRelations | null,
): Promise<string> {
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>
            <bdi>{name}</bdi>
          </h1>
          <p class="lede">
            {formatCount(profile.rows)} rows, {formatCount(profile.columns.length)} columns, {formatBytes(size)} in{' '}
            {files.length === 1 ? '1 file' : `${formatCount(files.length)} files`}.
          </p>
        </div>
      </div>
      <ColumnsTable columns={profile.columns} schema={schema} sayable={isSayable(files)} />
      {relations !== null && <Relations relations={relations} />}
      {warnings.length > 0 && (
        <ul class="small soft">
          {warnings.map(({ path, column, detail }) => (
            <li>
              <bdi>{column === undefined ? path : `${path} ${column}`}</bdi>: {detail}
            </li>
          ))}
        </ul>
      )}
    </>
  );
  return standalone(name, body);
}

const SHOWN_PAIRS = 40;

function Relations({ relations }: { relations: RowRelations }) {
  const { duplicates, error } = relations.duplicates;
  return (
    <Section
      title="Rows and columns among each other"
      aside={<span class="small soft">{formatCount(relations.sampledRows)} sampled rows</span>}
    >
      <p>
        Duplicate rows: {error > 0 && '≈ '}
        {formatCount(duplicates)}
        {error > 0 && ` (± ${formatCount(error)})`}
      </p>
      <div class="card flush scroll">
        <table>
          <thead>
            <tr>
              <th>Columns</th>
              <th class="num">Mutual information (bits)</th>
              <th class="num">Pearson</th>
              <th class="num">Spearman</th>
              <th class="num">Cramér’s V</th>
            </tr>
          </thead>
          <tbody>
            {relations.correlations.slice(0, SHOWN_PAIRS).map((pair) => (
              <tr>
                <td>
                  <bdi>{pair.columns.join(', ')}</bdi>
                </td>
                <td class="num">{formatNumber(pair.mutualInformation)}</td>
                <td class="num">{formatNumber(pair.pearson)}</td>
                <td class="num">{formatNumber(pair.spearman)}</td>
                <td class="num">{formatNumber(pair.cramersV)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

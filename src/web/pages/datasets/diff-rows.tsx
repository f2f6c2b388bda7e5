import { progressShape } from '../../../../schemas/wire/computations.ts';
import type { Answered } from '../../../domain/computation/begin.ts';
import type { ContentDiff } from '../../../domain/dataset/diff.ts';
import type { RowDiff, ShownRow } from '../../../domain/row-diff/diff-rows-task.ts';
import { formatCount, progressText } from '../../format.ts';
import { Section } from '../../parts.tsx';

/**
 * Rows added, removed and changed, once somebody asks: it reads the data of both versions.
 * @param props `asked` is the key that was asked for, empty for whole rows; null before.
 */
export function DiffRows({
  content,
  asked,
  rows,
}: {
  content: ContentDiff;
  asked: string | null;
  rows: Answered<RowDiff> | null;
}) {
  if (content.state !== 'ready') return null;
  const common = content.columns.filter(({ from, to }) => from !== null && to !== null).map(({ name }) => name);
  const names = [...content.keys, ...common.filter((name) => !content.keys.includes(name))];
  const chosen = asked ?? content.keys[0] ?? '';
  return (
    <Section title="Rows">
      <form class="ask" method="get">
        <input type="hidden" name="rows" value="true" />
        <label>
          Compare by{' '}
          <select name="key">
            {names.map((name) => (
              <option value={name} selected={name === chosen}>
                {name}
              </option>
            ))}
            <option value="" selected={chosen === ''}>
              whole rows
            </option>
          </select>
        </label>
        <button type="submit">Read both and compare</button>
      </form>
      {rows !== null && ('begun' in rows ? <Begun row={rows.begun} /> : <Found rows={rows.answer} />)}
    </Section>
  );
}

function Begun({ row }: { row: Extract<Answered<RowDiff>, { begun: unknown }>['begun'] }) {
  const progress = progressShape.nullable().parse(row.progress);
  return (
    <p class="card empty" role="status">
      Both are large, so a worker reads them; this page shows the rows once it is done.
      {progress !== null && ` ${progressText(progress)}`}
    </p>
  );
}

function Found({ rows }: { rows: RowDiff }) {
  const { added, removed, changed, unchanged, repeatedKeys, columns, samples, key } = rows;
  const where = columns.map(({ name, changed: n }) => `${name} in ${formatCount(n)}`);
  const repeated = repeatedKeys.from + repeatedKeys.to;
  return (
    <>
      <p>
        {formatCount(added)} added, {formatCount(removed)} removed, {formatCount(changed)} changed,{' '}
        {formatCount(unchanged)} unchanged.
        {where.length > 0 && (
          <>
            {' '}
            Different: <bdi>{where.join(', ')}</bdi>.
          </>
        )}
        {key !== null && repeated > 0 && ` ${formatCount(repeated)} keys stand more than once.`}
      </p>
      {added + removed + changed > 0 && (
        <div class="card flush scroll">
          <table>
            <thead>
              <tr>
                <th>Change</th>
                <th>{key === null ? 'Row' : <bdi>{key.join(', ')}</bdi>}</th>
                <th>What</th>
              </tr>
            </thead>
            <tbody>
              {samples.changed.map((row) => (
                <tr>
                  <td class="soft">changed</td>
                  <td>
                    <Cells row={row.key} />
                  </td>
                  <td>
                    {row.columns.map(({ name, from, to }, i) => (
                      <>
                        {i > 0 && ', '}
                        <bdi class="soft">{name}</bdi> <bdi>{shown(from)}</bdi> → <bdi>{shown(to)}</bdi>
                      </>
                    ))}
                  </td>
                </tr>
              ))}
              {samples.added.map((row) => (
                <Whole change="added" row={row} keys={key} />
              ))}
              {samples.removed.map((row) => (
                <Whole change="removed" row={row} keys={key} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Whole({ change, row, keys }: { change: string; row: ShownRow; keys: readonly string[] | null }) {
  const names = Object.keys(row);
  const pick = (wanted: readonly string[]): ShownRow =>
    Object.fromEntries(wanted.map((name) => [name, row[name] ?? null]));
  return (
    <tr>
      <td class="soft">{change}</td>
      <td>
        <Cells row={keys === null ? row : pick(keys)} />
      </td>
      <td>{keys !== null && <Cells row={pick(names.filter((name) => !keys.includes(name)))} named />}</td>
    </tr>
  );
}

function Cells({ row, named = false }: { row: ShownRow; named?: boolean }) {
  return (
    <>
      {Object.entries(row).map(([name, value], i) => (
        <>
          {i > 0 && ', '}
          {named && (
            <>
              <bdi class="soft">{name}</bdi>{' '}
            </>
          )}
          <bdi>{shown(value)}</bdi>
        </>
      ))}
    </>
  );
}

const shown = (value: ShownRow[string] | undefined): string => {
  if (value === null || value === undefined) return 'absent';
  return value === '' ? '(empty)' : String(value);
};

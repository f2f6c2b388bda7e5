import type { Child } from 'hono/jsx';

/** What a table says of a row in one place. */
type StackColumn<Row> = {
  readonly head: string;
  /** `num` is of the heading too. */
  readonly class?: 'num' | 'soft' | 'num soft' | 'small' | 'small soft' | 'soft address';
  readonly cell: (row: Row) => Child;
};

type StackTableProps<Row> = {
  readonly columns: readonly StackColumn<Row>[];
  readonly rows: readonly Row[];
  /** False within a card. */
  readonly framed?: boolean;
};

/** A table whose rows become cards where the screen is narrow: there each cell says its heading itself. */
export function StackTable<Row>({ columns, rows, framed = true }: StackTableProps<Row>) {
  return (
    <div class={framed ? 'card flush scroll' : 'scroll'}>
      <table class="stack">
        <thead>
          <tr>
            {columns.map(({ head, class: look }) => (
              <th class={look?.startsWith('num') ? 'num' : undefined}>{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map(({ head, class: look, cell }) => (
                <td class={look} data-label={head}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { formatShare } from '../../format.ts';

/** The columns that drift is in, each with its share of it. */
export function ColumnShares({ columns }: { columns: readonly { readonly name: string; readonly share: number }[] }) {
  if (columns.length === 0) return <>–</>;
  return (
    <>
      {columns.map(({ name, share }) => (
        <div>
          <bdi>{name}</bdi> <span class="soft">{formatShare(share)}</span>
        </div>
      ))}
    </>
  );
}

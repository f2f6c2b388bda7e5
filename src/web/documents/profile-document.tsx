import type { LocalProfile } from '../../domain/files/profile-files.ts';
import { formatBytes, formatCount } from '../format.ts';
import { ColumnsTable } from '../pages/columns-table.tsx';
import { standalone } from './document.tsx';

/** What is in a table of this machine, as one page. */
export function profileDocument({ name, files, profile, schema, warnings }: LocalProfile): Promise<string> {
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
      <ColumnsTable profile={profile} schema={schema} />
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

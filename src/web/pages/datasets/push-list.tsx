import type { PushDetails } from '../../../domain/push/read.ts';
import { formatAge, formatBytes, formatCount } from '../../format.ts';
import { State } from '../../layout.tsx';
import type { Links } from '../../links.ts';

/** Of files that were pushed by themselves there may be hundreds, each a version; the list of versions has them all. */
const SHOWN_VERSIONS = 10;

type Props = { readonly pushes: readonly PushDetails[]; readonly links: Links; readonly now: Date };

/** What was pushed with `dvc`, newest first, that which runs too. */
export function PushList({ pushes, links, now }: Props) {
  return (
    <ol class="timeline card">
      {pushes.map((push) => (
        <PushItem push={push} links={links} now={now} />
      ))}
    </ol>
  );
}

function PushItem({ push, links, now }: { push: PushDetails; links: Links; now: Date }) {
  const { session, state, versions, dataset } = push;
  return (
    <li>
      <div class="row">
        <time class="strong" datetime={session.startedAt.toISOString()}>
          {formatAge(session.startedAt, now)}
        </time>
        {state !== 'settled' && <State of={state} />}
        {versions.slice(0, SHOWN_VERSIONS).map((number) => (
          <a href={links.version(dataset, number)}>v{number}</a>
        ))}
        {versions.length > SHOWN_VERSIONS && (
          <span class="soft">and {formatCount(versions.length - SHOWN_VERSIONS)} more versions</span>
        )}
        <span class="soft">{sumOf(push)}</span>
      </div>
      {state === 'incomplete' && (
        <p>
          {session.awaited.length === 1 ? 'A folder' : `${formatCount(session.awaited.length)} folders`} did not come
          whole, so nothing of it became a version; pushing again sends the rest.
        </p>
      )}
      <div class="small soft row">
        <span>
          by <bdi>{session.author}</bdi>
          {session.address !== '' && ` from ${session.address}`}
          {session.agent !== '' && (
            <>
              {' with '}
              <bdi>{session.agent}</bdi>
            </>
          )}
        </span>
      </div>
    </li>
  );
}

/** `3 objects new (1.2 kB), 97 held already (4 MB), 1 refused`. */
function sumOf({ session }: PushDetails): string {
  const { newObjects, newBytes, heldObjects, heldBytes, refused } = session;
  const parts = [
    `${formatCount(newObjects)} ${newObjects === 1 ? 'object' : 'objects'} new (${formatBytes(newBytes)})`,
  ];
  if (heldObjects > 0) parts.push(`${formatCount(heldObjects)} held already (${formatBytes(heldBytes)})`);
  if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  return parts.join(', ');
}

import { endsLikeObject } from '../dvc/remote-address.ts';
import { TidemarkError } from '../errors.ts';
import { type HttpContext, nodeOf } from './request.ts';

/** Clients read status lines of a few KiB; a terminal shows less. */
const LONGEST = 600;
const NAMED = 5;

/**
 * Puts what is wrong into the reason phrase of an answer below `/dvc/`, and returns it: `dvc` shows the status line of
 * an upload that failed and nothing of its body. Elsewhere the usual phrase stays.
 */
export function tellReason(c: HttpContext, error: TidemarkError): string {
  if (!c.req.path.startsWith('/dvc/') && !isStrayUpload(c)) return '';
  const reason = plainLine(error.code === 'missing-children' ? missingMembers(error) : error.message + keyHint(error));
  const { outgoing } = nodeOf(c);
  // The adapter passes no phrase on, but Node keeps one that is set before the head is written.
  if (outgoing !== undefined && !outgoing.headersSent) outgoing.statusMessage = reason;
  return reason;
}

/** How `dvc` is told a key: it says neither which header it sends nor where that comes from. */
const keyHint = (error: TidemarkError): string =>
  error.code === 'unauthenticated'
    ? ' To dvc: "dvc remote modify --local REMOTE" with "auth basic", "user any" and "password tmk_...".'
    : '';

/** What a remote is called, for whoever has called it otherwise. */
export const REMOTE_ADDRESS =
  'No DVC remote is at this address: it ends in /dvc/ with the names of a project and a dataset, like /dvc/default/customers.';

/**
 * What somebody is told who sends an object to an address of this service that is no remote's; null for all else. As
 * 404 `dvc` would report it as a file that is missing, without a word.
 */
export function strayUpload(c: HttpContext): TidemarkError | null {
  return isStrayUpload(c) ? new TidemarkError('bad-path', REMOTE_ADDRESS) : null;
}

function isStrayUpload(c: HttpContext): boolean {
  return (c.req.method === 'POST' || c.req.method === 'PUT') && endsLikeObject(c.req.path);
}

/** The members by name: whoever runs `dvc push` again sends them. */
function missingMembers(error: TidemarkError): string {
  const named = error.issues.slice(0, NAMED).map(({ field, detail }) => `${field} (${detail})`);
  const more = error.issuesTotal > named.length ? ` and ${error.issuesTotal - named.length} more` : '';
  return `Refused, because the remote lacks members of this folder: ${named.join(', ')}${more}; run "dvc push" again.`;
}

/** A status line holds visible ASCII; anything else would end it, or be refused by Node. */
function plainLine(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]+/g, '?');
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 3)}...` : plain;
}

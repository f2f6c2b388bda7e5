import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { labelsOf, labelTexts } from './labels.ts';
import { parseTarget } from './target.ts';

export type NoteOptions = {
  readonly message?: string;
  readonly author?: string;
  /** `key=value`, each. */
  readonly label?: readonly string[];
  /** Keys of labels that are taken away. */
  readonly unlabel?: readonly string[];
  readonly gitRev?: string;
};

const version = z.looseObject({
  ref: z.string(),
  message: z.string(),
  author: z.string(),
  labels: z.record(z.string(), z.string()),
  git_rev: z.string().nullable(),
});

/** Says something else of a version. @throws TidemarkError `bad-request` when nothing is to be said. */
export async function note(client: Client, terminal: Terminal, target: string, options: NoteOptions): Promise<void> {
  const { message, author, label, unlabel, gitRev } = options;
  const said = [message, author, label, unlabel, gitRev];
  if (said.every((part) => part === undefined)) {
    throw new TidemarkError('bad-request', 'Say what: --message, --author, --label, --unlabel or --git-rev.');
  }
  const { dataset, ref } = parseTarget(target);
  const taken = Object.fromEntries((unlabel ?? []).map((key) => [key, null]));
  const labels = { ...taken, ...labelsOf(label ?? []) };
  const noted = await client.call(
    version,
    'PATCH',
    `/v1/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(ref)}`,
    { json: { message, author, git_rev: gitRev, labels } },
  );
  terminal.result(noted, () =>
    [`${dataset}@${noted.ref}`, noted.message, `by ${noted.author}`, ...labelTexts(noted.labels), noted.git_rev ?? '']
      .filter((part) => part !== '')
      .join('  '),
  );
}

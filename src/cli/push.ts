import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { nameShape } from '../../schemas/wire/shapes.ts';
import { digestBytes, oidOfMd5 } from '../dvc/hash.ts';
import { relpathWarning } from '../dvc/relpath.ts';
import { serialiseTree } from '../dvc/tree.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';
import type { Client } from './client.ts';
import { type DigestIndex, openDigestIndex } from './digest-index.ts';
import { keepTarget, openDvcCache } from './dvc-cached.ts';
import { ignoreInGit } from './git-ignore.ts';
import { createHashing, type Hashing } from './hash-files.ts';
import { labelsOf } from './labels.ts';
import { findTree, type LocalFile, type LocalTree } from './local-files.ts';
import { settledFiles } from './local-tree.ts';
import { checkPointerFile, isExecutable, writePointerFile } from './pointer-file.ts';
import { ObjectSender } from './send-objects.ts';
import { bytes, countOfFiles, printable, type Terminal, watch } from './terminal.ts';

export type PushOptions = {
  readonly dataset: string;
  readonly message?: string | undefined;
  readonly tag?: string | undefined;
  /** Also writes the `.dvc` file beside what is pushed. */
  readonly dvc: boolean;
  /** Where digests are kept between two runs. */
  readonly cache: string | undefined;
  readonly author?: string | undefined;
  /** `key=value`, each. */
  readonly label?: readonly string[] | undefined;
  readonly gitRev?: string | undefined;
  /** `v3` of the same dataset, or `census@v3`, each. */
  readonly parent?: readonly string[] | undefined;
  /** `key=value`, each. */
  readonly provenance?: readonly string[] | undefined;
};

const version = z.looseObject({
  ref: z.string(),
  oid: z.string(),
  files: z.int(),
  bytes: z.int(),
  created: z.boolean(),
  latest: z.string(),
  provenance: z.looseObject({ repeats: z.string().optional() }).default({}),
});

/**
 * Pushes a file or a folder as the next version of a dataset. What has not changed since the last time is not read,
 * and what the project holds is not sent.
 * @throws TidemarkError `bad-path` when there is nothing at the path.
 */
export async function push(client: Client, terminal: Terminal, path: string, options: PushOptions): Promise<void> {
  // Before the bytes are sent rather than after.
  const name = nameShape.safeParse(options.dataset);
  if (!name.success) {
    throw new TidemarkError('bad-request', `The name of a dataset ${name.error.issues[0]?.message ?? ''}.`);
  }
  const index = openDigestIndex(options.cache, resolve(path));
  const hashing = createHashing();
  // They begin while the folder is looked through.
  if (index.isEmpty) hashing.start();
  const tree = findTree(path, Date.now());
  if (tree.files.length === 0) throw new TidemarkError('bad-path', `There is no file in ${tree.root}.`);
  if (options.dvc) checkPointerFile(tree);
  const { made, sent, md5s } = await pushTree({ client, terminal, index, hashing }, tree, options);
  if (options.dvc) await track({ client, terminal }, tree, { made, md5s });
  const { repeats } = made.provenance;
  const state = !made.created ? 'unchanged' : repeats === undefined ? 'new version' : `${repeats} again`;
  terminal.result(
    { ...made, sent },
    () =>
      `${options.dataset}@${made.ref}  ${state}  ${made.oid}  ${countOfFiles(made.files)}  ${bytes(made.bytes)}  sent ${bytes(sent.bytes)}`,
  );
  sayIfThere(terminal, options, made);
  sayOdd(terminal, tree);
}

/** Names that are taken as they are, and that others cannot have. */
function sayOdd(terminal: Terminal, tree: LocalTree): void {
  const odd = tree.files.flatMap(({ path }) => {
    const warning = relpathWarning(path);
    return warning === null ? [] : [`${printable(path)} ${warning}`];
  });
  const [first] = odd;
  if (first === undefined || terminal.json) return;
  const others = odd.length === 1 ? '' : ` (and ${odd.length - 1} more names; tidemark ls tells)`;
  terminal.say(`${first}${others}`);
}

/** What has not changed is the version that it was, with what was said of it then. */
function sayIfThere(terminal: Terminal, options: PushOptions, made: z.output<typeof version>): void {
  // A machine reads it in what is answered.
  if (made.created || terminal.json) return;
  const { dataset, message, author, label, gitRev, parent, provenance } = options;
  const name = `${dataset}@${made.ref}`;
  if (made.ref !== made.latest) {
    terminal.say(`It is ${name}; ${dataset}@latest is ${made.latest}, of another name, which was pushed since.`);
  }
  if ([message, author, label, gitRev, parent, provenance].some((note) => note !== undefined)) {
    terminal.say(`${name} keeps what was said of it; to say something else: tidemark note ${name} --message TEXT`);
  }
}

/** Leaves a repository of DVC as `dvc add` would: the data in its cache and ignored by Git, the `.dvc` file last. */
async function track(
  service: Pick<Pushing, 'client' | 'terminal'>,
  tree: LocalTree,
  { made, md5s }: { made: z.output<typeof version>; md5s: ReadonlyMap<LocalFile, string> },
): Promise<void> {
  const cache = openDvcCache(tree.root);
  const files = tree.files.map((file) => ({ ...file, md5: md5s.get(file) ?? '' }));
  if (cache !== null) await keepTarget(service, cache, { target: { oid: made.oid, files }, standing: files });
  ignoreInGit(tree.root);
  writePointerFile(tree, made);
}

type Pushing = {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly index: DigestIndex;
  readonly hashing: Hashing;
};

async function pushTree({ client, terminal, index, hashing }: Pushing, tree: LocalTree, options: PushOptions) {
  const md5s = new Map<LocalFile, string>();
  for (const file of tree.files) {
    const md5 = index.find(file);
    if (md5 !== undefined) md5s.set(file, md5);
  }
  const known = [...md5s].map(([file, md5]) => ({ file, md5 }));
  const unknown = tree.files.filter((file) => !md5s.has(file));
  const senderOf = (files: readonly LocalFile[]): ObjectSender => {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const onBytes = watch(terminal, 'pushing', total);
    return new ObjectSender({ client, hashing, changed: known.length > 0, onBytes });
  };
  const sender = senderOf(unknown);
  let kept = unknown.length === 0;
  const keep = (): void => {
    if (!kept) index.save(settledFiles(md5s));
    kept = true;
  };
  try {
    await sender.sendUnknown(unknown, (file, md5) => {
      md5s.set(file, md5);
      // While the service has the last of them to store.
      if (md5s.size === tree.files.length) setImmediate(keep);
    });
  } finally {
    // What was digested is not digested again, also when the sending broke off.
    keep();
  }
  const content = contentOf(tree, { md5s, whole: unknown.length === 0 });
  const made = await commitHeld(client, tree, { content, options });
  if (made !== null) return { made, sent: sender.sent, md5s };
  // What was known here, and so was sent once, is asked for only now that the project is found not to hold it all.
  const again = senderOf(tree.files);
  await again.sendKnown(known);
  const sent = {
    objects: sender.sent.objects + again.sent.objects,
    bytes: sender.sent.bytes + again.sent.bytes,
  };
  return {
    made: await commit(client, tree, { content: contentOf(tree, { md5s, whole: false }), options }),
    sent,
    md5s,
  };
}

/** What is committed: a whole that may have been pushed before by its one name, else its files. */
function contentOf(tree: LocalTree, given: { md5s: ReadonlyMap<LocalFile, string>; whole: boolean }): object {
  const files = tree.files.map((file) => ({ path: file.path, md5: given.md5s.get(file) ?? '' }));
  if (!tree.isFolder) return { oid: files[0]?.md5, executable: isExecutable(tree.root) };
  if (!given.whole) return { files };
  const entries = files.map(({ path, md5 }) => ({ relpath: path, md5 }));
  return { oid: oidOfMd5(digestBytes(serialiseTree(entries)).md5, true) };
}

type Committing = { readonly content: object; readonly options: PushOptions };

function commit(client: Client, tree: LocalTree, { content, options }: Committing) {
  const { dataset, message, tag, author, gitRev, parent: parents } = options;
  const labels = options.label === undefined ? undefined : labelsOf(options.label);
  const provenance = options.provenance === undefined ? undefined : labelsOf(options.provenance);
  return client.call(version, 'POST', `/v1/datasets/${encodeURIComponent(dataset)}/versions`, {
    json: { ...content, path: tree.name, message, tag, author, git_rev: gitRev, labels, parents, provenance },
    // A repeat of it must not come after what somebody else has pushed meanwhile.
    headers: { 'idempotency-key': randomUUID() },
  });
}

/** Null when the project does not hold all of it, or holds some of it corrupt. */
async function commitHeld(client: Client, tree: LocalTree, committing: Committing) {
  try {
    return await commit(client, tree, committing);
  } catch (error) {
    const absent = ['not-found', 'object-corrupt', 'missing-children'] as const;
    if (absent.some((code) => isTidemarkError(error, code))) return null;
    throw error;
  }
}

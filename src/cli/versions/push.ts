import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { nameShape } from '../../../schemas/wire/shapes.ts';
import { relpathWarning } from '../../dvc/relpath.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { keepTarget, openDvcCache } from '../dvc/dvc-cached.ts';
import { ignoreInGit } from '../dvc/git-ignore.ts';
import { checkPointerFile, writePointerFile } from '../dvc/pointer-file.ts';
import { bytes, countOfFiles, printable, type Terminal, watch } from '../terminal/terminal.ts';
import { createHashing, type Hashing } from '../transfer/hash-files.ts';
import { findTree, type LocalFile, type LocalTree } from '../transfer/local-files.ts';
import { ObjectSender } from '../transfer/send-objects.ts';
import { fetchBaseTree } from './base-tree.ts';
import { briefContent, type DigestedTree, oidOfFolder, wholeContent } from './commit-content.ts';
import { type DigestIndex, type KnownTree, openDigestIndex } from './digest-index.ts';
import { labelsOf } from './labels.ts';
import { settledFiles } from './local-tree.ts';

export type PushOptions = {
  readonly dataset: string;
  readonly message?: string | undefined;
  readonly tag?: string | undefined;
  /** Also writes the `.dvc` file beside what is pushed. */
  readonly dvc: boolean;
  /** Links are followed wherever they lead. */
  readonly followLinks?: boolean | undefined;
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
  const tree = findTree(path, Date.now(), options.followLinks);
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
  // As of DVC it is a version; of a folder that something else should have filled nobody else would tell.
  if (tree.files.length === 0 && !terminal.json)
    terminal.say(`There is no file in ${tree.root}: this version is empty.`);
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
  const unknown = tree.files.filter((file) => !md5s.has(file));
  const changed = md5s.size > 0;
  const base = baseOf({ client, index }, { tree, dataset: options.dataset, unread: unknown.length === 0 });
  const senderOf = (files: readonly LocalFile[]): ObjectSender => {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    return new ObjectSender({ client, hashing, changed, base, onBytes: watch(terminal, 'pushing', total) });
  };
  const digested = { tree, md5s };
  const sender = senderOf(unknown);
  const { nameFolder, keep } = onceDigested(index, digested, unknown.length > 0);
  try {
    await sender.sendUnknown(unknown, (file, md5) => {
      md5s.set(file, md5);
      // While the service has the last of them to store.
      if (tree.isFolder && md5s.size === tree.files.length) setImmediate(nameFolder);
    });
  } catch (error) {
    // What was digested is not digested again.
    keep();
    throw error;
  }
  const content = tree.isFolder
    ? briefContent(digested, { oid: nameFolder(), base: await base, unread: unknown.length === 0 })
    : wholeContent(digested);
  // While the service has that to do.
  setImmediate(keep);
  const made = await commitHeld(client, tree, { content, options }).finally(keep);
  if (made !== null) return { made, sent: sender.sent, md5s };
  // What was known here, or listed there, and so was sent once, is asked for only now that not all of it is held.
  const again = senderOf(tree.files);
  await again.sendKnown([...md5s].map(([file, md5]) => ({ file, md5 })));
  const sent = {
    objects: sender.sent.objects + again.sent.objects,
    bytes: sender.sent.bytes + again.sent.bytes,
  };
  return { made: await commit(client, tree, { content: wholeContent(digested), options }), sent, md5s };
}

/** What is done once with what was digested: the folder gets its name, and the index keeps what was read. */
function onceDigested(index: DigestIndex, digested: DigestedTree, read: boolean) {
  const { tree, md5s } = digested;
  let oid: string | undefined;
  let kept = !read;
  return {
    nameFolder: (): string => {
      oid ??= oidOfFolder(digested);
      return oid;
    },
    keep: (): void => {
      if (kept) return;
      kept = true;
      const settled = settledFiles(md5s);
      index.save(settled, settled.length === tree.files.length ? oid : undefined);
    },
  };
}

/** What the folder was when it was pushed last, from here or from elsewhere. */
async function baseOf(
  { client, index }: Pick<Pushing, 'client' | 'index'>,
  { tree, dataset, unread }: { tree: LocalTree; dataset: string; unread: boolean },
): Promise<KnownTree | null> {
  if (!tree.isFolder || index.tree !== null) return index.tree;
  return unread ? null : fetchBaseTree(client, dataset, tree.files.length);
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

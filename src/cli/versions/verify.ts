import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { contentRoot } from '../../domain/object/content-root.ts';
import { TidemarkError } from '../../errors.ts';
import { readPack } from '../../formats/object-pack.ts';
import type { Client } from '../client/client.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { countOfFiles, printable, type Terminal, watch } from '../terminal/terminal.ts';
import { batchesOf } from '../transfer/batches.ts';
import { createHashing } from '../transfer/hash-files.ts';
import { findTree } from '../transfer/local-files.ts';
import { inParallel } from '../transfer/parallel.ts';
import { openTarget, type Target, type TargetFile } from './target.ts';

export type VerifyOptions = {
  /** What to check instead of the bytes that the service sends. */
  readonly path: string | undefined;
  /** The root that somebody noted, instead of the one that the service says. */
  readonly root: string | undefined;
  /** Of a path: links are followed wherever they lead. */
  readonly followLinks?: boolean | undefined;
};

/** By path, the SHA-256 that the bytes have. */
type Found = Map<string, string>;

const AT_ONCE = 4;

/**
 * Reads every byte, of a version as the service sends it or of what lies at a path, and compares their SHA-256 root
 * with the version's. @returns whether they agree.
 */
export async function verify(
  client: Client,
  terminal: Terminal,
  name: string,
  options: VerifyOptions,
): Promise<number> {
  const target = await openTarget(client, name, options.path);
  const expected = options.root ?? target.sha256Root;
  const found =
    options.path === undefined
      ? await digestRemote(client, terminal, target)
      : await digestLocal(terminal, options.path, { target, followLinks: options.followLinks });
  const root = contentRoot([...found].map(([path, sha256]) => ({ path, sha256 })));
  const wrong = wrongFiles(target, found);
  // A pointer says no root; then each file has to be what the service says it is.
  const agrees = expected === undefined ? wrong.length === 0 : root === expected;
  const what = options.path ?? target.name;
  const result = {
    target: target.name,
    oid: target.oid,
    checked: what,
    agrees,
    root,
    expected: expected ?? null,
    wrong,
  };
  terminal.result(result, () =>
    agrees
      ? `${what} agrees with ${target.name}: ${countOfFiles(found.size)}, SHA-256 root ${root}`
      : [
          `${what} does NOT agree with ${target.name}: its SHA-256 root is ${root}, expected was ${expected ?? 'what is listed'}`,
          ...wrong.slice(0, 20).map((each) => `  ${each.what}  ${printable(each.path)}`),
          ...hintOf(target, options.path),
        ].join('\n'),
  );
  return agrees ? EXIT.done : EXIT.differs;
}

/** `pull --to` puts a version into a folder under its own name, and the folder itself is easily taken for it. */
function hintOf(target: Target, path: string | undefined): string[] {
  const inside = path === undefined ? null : join(path, target.path);
  if (inside === null || !existsSync(inside)) return [];
  return [
    `${printable(inside)} bears the name of the version; to check that, verify ${target.name} ${printable(inside)}`,
  ];
}

/** Where the bytes are not what the service says of them. */
function wrongFiles(target: Target, found: Found): { path: string; what: string }[] {
  const wanted = new Set(target.files.map((file) => file.path));
  const listed = target.files.flatMap((file) => {
    const sha256 = found.get(file.path);
    if (sha256 === undefined) return [{ path: file.path, what: 'missing' }];
    return isRight(target, file, sha256) ? [] : [{ path: file.path, what: 'wrong' }];
  });
  const others = [...found.keys()].filter((path) => !wanted.has(path)).map((path) => ({ path, what: 'extra' }));
  return [...listed, ...others];
}

/** Of a version that is one file only the root is said, and of a pointer's file nothing. */
function isRight(target: Target, { path, sha256: said }: TargetFile, sha256: string): boolean {
  if (said !== undefined) return said === sha256;
  return target.isFolder || target.sha256Root === undefined || contentRoot([{ path, sha256 }]) === target.sha256Root;
}

type Local = { readonly target: Target; readonly followLinks: boolean | undefined };

async function digestLocal(terminal: Terminal, path: string, { target, followLinks }: Local): Promise<Found> {
  const tree = findTree(path, Date.now(), followLinks);
  const hashing = createHashing();
  const onBytes = watch(
    terminal,
    'reading',
    tree.files.reduce((sum, file) => sum + file.size, 0),
  );
  const found: Found = new Map();
  await inParallel(tree.files, AT_ONCE, async (file) => {
    const sha256 = await hashing.digest(file, 'sha256');
    found.set(tree.isFolder ? file.path : target.path, sha256);
    onBytes(file.size);
  });
  return found;
}

async function digestRemote(client: Client, terminal: Terminal, target: Target): Promise<Found> {
  const byContent = new Map<string, TargetFile>(target.files.map((file) => [file.md5, file]));
  const digests = new Map<string, string>();
  const onBytes = watch(
    terminal,
    'verifying',
    [...byContent.values()].reduce((sum, file) => sum + file.size, 0),
  );
  await inParallel(batchesOf(byContent.values()), AT_ONCE, async (batch, signal) => {
    const files = batch.kind === 'large' ? [batch.file] : batch.files;
    const json = { oids: files.map((file) => file.md5) };
    const { body } = await client.open('POST', '/v1/objects/unpack', { json, signal });
    let hash: Hash = createHash('sha256');
    for await (const piece of readPack(body)) {
      if (piece.start === 0) hash = createHash('sha256');
      hash.update(piece.bytes);
      onBytes(piece.bytes.byteLength);
      if (piece.start + piece.bytes.byteLength === piece.size) digests.set(piece.md5, hash.digest('hex'));
    }
  });
  return new Map(
    target.files.map((file) => {
      const sha256 = digests.get(file.md5);
      if (sha256 === undefined) throw new TidemarkError('digest-mismatch', `The service did not send ${file.path}.`);
      return [file.path, sha256];
    }),
  );
}

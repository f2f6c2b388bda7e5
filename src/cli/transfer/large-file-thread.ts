import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { beginMd5, endMd5, type Md5Stream, updateMd5Together } from '../../compute/md5-lanes.ts';
import { answerRequests } from '../../compute/thread-pool.ts';
import { releaseChunk } from '../../domain/object/release-chunk.ts';
import { DownloadSource } from './download-source.ts';

/** Of a file by its number: its beginning, what is asked for to follow, that nobody wants that any more, and its end. */
export type LargeFileRequest =
  | Beginning
  | Receiving
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'end'; readonly id: number };

type Beginning = {
  readonly kind: 'begin';
  readonly id: number;
  readonly path: string;
  /** How many of its bytes are kept. */
  readonly kept: number;
  /** How many it has in the end; more are not taken. */
  readonly most: number;
  /** Whether they may come past the service. */
  readonly direct: boolean;
  /** One number: its bytes, those included that are not digested yet. */
  readonly size: Float64Array<SharedArrayBuffer>;
};

type Receiving = {
  readonly kind: 'receive';
  readonly id: number;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** What a service answered; with the text of a problem instead of bytes where it refused. */
export type Received = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly problem: string;
  /** Whether the bytes came past the service, and nobody has verified them. */
  readonly direct: boolean;
};

/** The MD5 of the file for its end, what was answered for what it asked for. */
export type LargeFileReply = string | Received | null;

type OpenFile = Beginning & {
  readonly handle: number;
  readonly stop: AbortController;
  md5: Md5Stream | null;
  /** Bytes that wait to be digested, and the last of them. */
  waiting: number;
  digested: Promise<void>;
};

const files = new Map<number, OpenFile>();

const BLOCK = 512 * 1024;

/** Of a file, while other bytes of it are received. */
const WAITING_BYTES = 1024 * 1024;

/** What a client looks at in a refusal. */
const HEADERS = ['retry-after', 'location'];

answerRequests<LargeFileRequest, LargeFileReply>((request) => {
  if (request.kind === 'begin') return begin(request);
  const file = files.get(request.id);
  if (file === undefined) throw new Error('there is no such file open');
  if (request.kind === 'receive') return receive(file, request);
  if (request.kind === 'end') return end(file);
  file.stop.abort();
  return null;
});

async function begin(given: Beginning): Promise<null> {
  const { id, path, kept, size } = given;
  const opened = { handle: openSync(path, 'r+'), stop: new AbortController(), md5: null, waiting: 0 };
  const file = { ...given, ...opened, digested: Promise.resolve() };
  files.set(id, file);
  const block = new Uint8Array(kept > 0 ? BLOCK : 0);
  for (let at = 0; at < kept; ) {
    const count = readSync(file.handle, block, 0, Math.min(BLOCK, kept - at), at);
    if (count === 0) throw new Error('the part of the file is shorter than it was');
    at += count;
    size[0] = at;
    await updateMd5Together({ stream: md5Of(file), bytes: block.subarray(0, count) });
  }
  if (fstatSync(file.handle).size > kept) ftruncateSync(file.handle, kept);
  return null;
}

/** Takes what follows the bytes that the file has. */
async function receive(file: OpenFile, { target, headers }: Receiving): Promise<Received> {
  const { direct, most, stop } = file;
  const start = () => sizeOf(file);
  const { reply, direct: cameDirectly } = await source.receive(
    { target, headers, start, end: most, direct, signal: stop.signal },
    { beginAnew: () => beginAnew(file), take: (chunk) => take(file, chunk) },
  );
  const { status, header } = reply;
  const told = { status, headers: Object.fromEntries(HEADERS.map((name) => [name, header(name)])) };
  if (status < 200 || status > 299) return { ...told, problem: (await reply.bytes()).toString('utf8'), direct: false };
  await file.digested;
  return { ...told, problem: '', direct: cameDirectly };
}

const source = new DownloadSource();

async function beginAnew(file: OpenFile): Promise<void> {
  await file.digested;
  ftruncateSync(file.handle, 0);
  file.size[0] = 0;
  file.md5 = null;
}

/** @returns what has to be awaited before more is taken. */
function take(file: OpenFile, chunk: Uint8Array): Promise<void> | null {
  write(file, chunk);
  file.waiting += chunk.byteLength;
  file.digested = updateMd5Together({ stream: md5Of(file), bytes: chunk }).then(() => {
    file.waiting -= chunk.byteLength;
    releaseChunk(chunk);
  });
  return file.waiting > WAITING_BYTES ? file.digested : null;
}

function write({ handle, size, most }: OpenFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) {
    const count = writeSync(handle, bytes, at, bytes.byteLength - at, size[0]);
    at += count;
    size[0] = (size[0] ?? 0) + count;
  }
  if ((size[0] ?? 0) > most) throw new Error('the file has more bytes than it may have');
}

async function end(file: OpenFile): Promise<string> {
  await file.digested;
  files.delete(file.id);
  closeSync(file.handle);
  return endMd5(md5Of(file));
}

const sizeOf = ({ size }: OpenFile): number => size[0] ?? 0;

/** Begun with the first bytes: by then it is known whether others come at the same time. */
function md5Of(file: OpenFile): Md5Stream {
  file.md5 ??= beginMd5(files.size === 1);
  return file.md5;
}

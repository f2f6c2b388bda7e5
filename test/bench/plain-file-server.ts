/**
 * A DVC remote as one writes it first: an upload becomes a file, a download is one, ranges too. Nothing is verified,
 * nothing is made durable, nothing is known of what is inside. `plain-file-server.ts <folder>`.
 */
import { createReadStream, createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const folder = process.argv[2] ?? '';
let uploads = 0;

async function take(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const temporary = join(folder, `upload-${++uploads}`);
  await pipeline(request, createWriteStream(temporary));
  mkdirSync(dirname(path), { recursive: true });
  renameSync(temporary, path);
  response.writeHead(200).end();
}

async function give(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const range = first === undefined ? {} : { start: Number(first), end: Number(last) };
  response.setHeader('accept-ranges', 'bytes');
  if (first === undefined) response.setHeader('content-length', found.size);
  else {
    response.statusCode = 206;
    response.setHeader('content-range', `bytes ${first}-${last}/${found.size}`);
    response.setHeader('content-length', Number(last) - Number(first) + 1);
  }
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(path, { ...range, highWaterMark: 1024 * 1024 }), response);
}

const server = createServer((request, response) => {
  const path = join(folder, 'objects', request.url ?? '');
  const work = request.method === 'GET' || request.method === 'HEAD' ? give : take;
  // Clients leave in the middle of what they only wanted to know of.
  work(request, response, path).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});
process.on('disconnect', () => process.exit(0));

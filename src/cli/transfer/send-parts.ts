import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Client } from '../client/client.ts';
import type { LocalFile } from './local-files.ts';
import { inParallel } from './parallel.ts';
import { DirectSender } from './send-direct.ts';

/** A smaller file is sent again as a whole sooner than the way of parts would take. */
const IN_PARTS_BYTES = 128 * 1024 ** 2;
const PARTS_AT_ONCE = 3;
const READ_BLOCK = 1024 * 1024;

const upload = z.looseObject({
  id: z.string(),
  part_bytes: z.int(),
  parts: z.int(),
  received: z.array(z.int()),
  // A service that is older than this client does not know of it.
  direct: z
    .array(
      z.looseObject({
        number: z.int(),
        url: z.string(),
        headers: z.record(z.string(), z.string()),
        expires_in: z.number().optional(),
      }),
    )
    .nullish(),
});

type Sending = { readonly client: Client; readonly onBytes: (count: number) => void };
type Large = { readonly file: LocalFile; readonly md5: string; readonly signal: AbortSignal };

/**
 * Sends a large file in one request, or in parts when it is so large that a break would hurt.
 * @returns the bytes that had to be sent.
 */
export async function sendLargeObject(sending: Sending, large: Large): Promise<number> {
  if (large.file.size >= IN_PARTS_BYTES) return sendInParts(sending, large);
  const { file, md5, signal } = large;
  const options = { headers: bytesOf(file.size), signal };
  await sending.client.send('PUT', `/v1/objects/${md5}`, { body: reading(sending, file, 0, file.size), ...options });
  return file.size;
}

/** Nothing of it is remembered here: the service knows by the object's name which parts it has. */
async function sendInParts(sending: Sending, { file, md5, signal }: Large): Promise<number> {
  const { client, onBytes } = sending;
  const json = { oid: md5, size: file.size, direct: true };
  const begin = () => client.call(upload, 'POST', '/v1/uploads', { json, signal });
  const begun = await begin();
  const received = new Set(begun.received);
  const numbers = Array.from({ length: begun.parts }, (_, i) => i + 1);
  const extent = (number: number): { start: number; end: number } => {
    const start = (number - 1) * begun.part_bytes;
    return { start, end: Math.min(start + begun.part_bytes, file.size) };
  };
  for (const number of received) onBytes(extent(number).end - extent(number).start);
  const path = `/v1/uploads/${encodeURIComponent(begun.id)}`;
  const missing = numbers.filter((number) => !received.has(number));
  const direct = new DirectSender(begun.direct ?? [], {
    renew: async () => (await begin()).direct ?? [],
    now: () => performance.now(),
  });
  const sendPart = async (number: number, stopped: AbortSignal): Promise<void> => {
    const { start, end } = extent(number);
    const body = reading(sending, file, start, end);
    if (await direct.send(number, body, stopped)) return;
    await client.send('PUT', `${path}/parts/${number}`, { body, headers: bytesOf(end - start), signal: stopped });
  };
  await inParallel(missing, PARTS_AT_ONCE, sendPart, signal);
  await client.send('POST', `${path}/complete`, { signal });
  return missing.reduce((sum, number) => sum + extent(number).end - extent(number).start, 0);
}

/** Opens a part of a file, as often as it has to be sent; what an earlier try had counted is taken back. */
function reading(sending: Sending, file: LocalFile, start: number, end: number): () => Readable {
  let counted = 0;
  return () => {
    sending.onBytes(-counted);
    counted = 0;
    const source = createReadStream(file.file, { start, end: end - 1, highWaterMark: READ_BLOCK });
    source.on('data', (chunk) => {
      counted += chunk.length;
      sending.onBytes(chunk.length);
    });
    return source;
  };
}

const bytesOf = (size: number) => ({
  'content-type': 'application/octet-stream',
  'content-length': String(size),
});

import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { signatureHeaders } from '../webhook/sign.ts';

/** A webhook receiver as a user would write one: verifies, answers at once, works afterwards. */
export type Receiver = {
  readonly url: string;
  /** The secret is known only after the endpoint was registered. */
  readonly trust: (secret: string) => void;
  readonly close: () => Promise<void>;
};

export type Delivery = { readonly type: string; readonly data: Readonly<Record<string, unknown>> };

const TOLERANCE_SECONDS = 300;
const MAX_BODY_BYTES = 1024 * 1024;

/** Listens on loopback; each verified delivery is handed on once, however often it is sent. */
export async function startReceiver(port: number, onDelivery: (delivery: Delivery) => void): Promise<Receiver> {
  const seen = new Set<string>();
  let key: Uint8Array | null = null;
  const server = createServer((request, response) => {
    const taken = read(request).then((body) => {
      const id = String(request.headers['webhook-id'] ?? '');
      const verified = body !== null && key !== null && verifies(request, { id, body, key });
      // The signature proves that the service wrote it.
      const delivery = verified ? (JSON.parse(body) as Delivery) : null;
      response.writeHead(delivery === null ? 400 : 204).end();
      if (delivery === null || seen.has(id)) return;
      seen.add(id);
      onDelivery(delivery);
    });
    // A client that left, or a body that is no JSON, is no reason to end.
    taken.catch(() => {
      if (!response.headersSent) response.writeHead(400).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = server.address();
  const at = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    url: `http://127.0.0.1:${at}/tidemark`,
    trust: (secret) => {
      key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function verifies(request: IncomingMessage, given: { id: string; body: string; key: Uint8Array }): boolean {
  const seconds = Number(request.headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - seconds) < TOLERANCE_SECONDS)) return false;
  const message = { id: given.id, at: new Date(seconds * 1000), body: given.body };
  const expected = Buffer.from(
    signatureHeaders(message, [{ scheme: 'v1', bytes: given.key }])['webhook-signature'] ?? '',
  );
  return String(request.headers['webhook-signature'] ?? '')
    .split(' ')
    .map((signature) => Buffer.from(signature))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
}

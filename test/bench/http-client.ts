/** The plainest client there is, since it runs on the cores of what it measures: it should cost no more than curl. */
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** The parts of an iterable are written one by one, each when the one before is with the kernel. */
  readonly body?: string | Uint8Array | Iterable<Uint8Array>;
  readonly agent?: Agent;
};

/** Sends a request and reads the whole answer. @throws Error with the answer's text when it is no 2xx. */
export async function call(given: Call): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await open(given)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** As `call`, with JSON on both sides. */
export async function callJson(
  given: Omit<Call, 'body'> & { readonly json?: unknown },
): Promise<Record<string, unknown>> {
  const { json, ...rest } = given;
  const body =
    json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
  const answer: unknown = JSON.parse(await call({ ...rest, ...body }));
  // Every answer of the service is an object.
  return answer as Record<string, unknown>;
}

/** Reads an answer to its end and counts its bytes. */
export async function drain(given: Call): Promise<number> {
  let size = 0;
  for await (const chunk of await open(given)) size += (chunk as Buffer).byteLength;
  return size;
}

async function open({ method, url, headers, body, agent }: Call): Promise<IncomingMessage> {
  const sent = request(url, { method, headers: { ...headers }, ...(agent === undefined ? {} : { agent }) });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) sent.end(body);
  else await Promise.all([writeParts(sent, body), answered]);
  const answer = await answered;
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  const text = await answer.setEncoding('utf8').toArray();
  throw new Error(`${method} ${url} answered ${status}: ${text.join('')}`);
}

async function writeParts(sent: ClientRequest, parts: Iterable<Uint8Array>): Promise<void> {
  for (const part of parts) {
    await new Promise<void>((resolve, reject) => {
      sent.write(part, (error) => (error ? reject(error) : resolve()));
    });
  }
  sent.end();
}

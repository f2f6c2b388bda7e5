import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/**
 * What befalls one exchange: nothing, an answer in the server's stead, the answer lost after the server did its
 * work, no answer at all, another tag in the answer, the answer's body cut off after some bytes, or left there without
 * its end, or the request's body left so.
 */
export type Fault =
  | null
  | { readonly status: number }
  | { readonly loseAnswer: true }
  | { readonly cutAfter: number }
  | { readonly hang: true }
  | { readonly tag: string }
  | { readonly stallAfter: number }
  | { readonly takeOnly: number };

export type FaultProxy = {
  readonly endpoint: string;
  /** Every request so far, as `METHOD path`. */
  readonly seen: string[];
  /** Decides what befalls each request. */
  fault: (method: string, path: string, headers: IncomingMessage['headers']) => Fault;
  /** Breaks whatever connection there is, also of exchanges that hang. */
  cut(): void;
  stop(): Promise<void>;
};

/** An HTTP proxy before a real server that does to exchanges what `fault` says. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming;
    seen.push(`${method} ${url}`);
    const fault = proxy.fault(method, url, incoming.headers);
    if (fault !== null && 'status' in fault) {
      incoming.resume().on('end', () => outgoing.writeHead(fault.status).end());
    } else if (fault !== null && 'hang' in fault) incoming.resume();
    else forward(target, { incoming, outgoing, fault });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${address.port}`,
    seen,
    fault: () => null,
    cut: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

type Exchange = { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse; readonly fault: Fault };

function forward(target: string, { incoming, outgoing, fault }: Exchange): void {
  // The headers go on as they came: the signature covers the host that the client believes to speak to.
  const upstream = request(target + incoming.url, { method: incoming.method, headers: incoming.headers });
  if (fault !== null && 'takeOnly' in fault) takeOnly(incoming, upstream, fault.takeOnly);
  else incoming.pipe(upstream);
  upstream.on('error', () => outgoing.destroy());
  // A client that is gone is gone for the server too.
  outgoing.on('close', () => upstream.destroy());
  upstream.on('response', (answer) => {
    if (fault !== null && 'loseAnswer' in fault) {
      answer.resume().on('end', () => outgoing.destroy());
      return;
    }
    const headers = fault !== null && 'tag' in fault ? { ...answer.headers, etag: fault.tag } : answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, headers);
    if (fault !== null && 'cutAfter' in fault) cutOff(answer, outgoing, { limit: fault.cutAfter, end: 'break' });
    else if (fault !== null && 'stallAfter' in fault) {
      cutOff(answer, outgoing, { limit: fault.stallAfter, end: 'stall' });
    } else answer.pipe(outgoing);
  });
}

function takeOnly(incoming: IncomingMessage, upstream: ClientRequest, limit: number): void {
  let passed = 0;
  incoming.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, limit - passed);
    passed += part.byteLength;
    if (part.byteLength > 0) upstream.write(part);
  });
}

type Cut = { readonly limit: number; readonly end: 'break' | 'stall' };

function cutOff(answer: IncomingMessage, outgoing: ServerResponse, { limit, end }: Cut): void {
  let passed = 0;
  answer.on('data', (chunk: Buffer) => {
    if (passed >= limit) return;
    const part = chunk.subarray(0, limit - passed);
    passed += part.byteLength;
    // Broken off only after what was let through has left.
    outgoing.write(part, () => {
      if (passed < limit) return;
      answer.destroy();
      if (end === 'break') outgoing.destroy();
    });
  });
}

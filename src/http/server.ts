import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { TidemarkError } from '../errors.ts';
import { withoutBase } from './base-path.ts';
import { PROBLEM_BASE } from './problem.ts';
import type { App } from './route.ts';

export type HttpServer = {
  readonly port: number;
  /** Takes no new connections, lets requests in flight finish within the grace time, then cuts them off. */
  readonly close: (graceMilliseconds: number) => Promise<void>;
};

/** Headers are small; whoever needs longer for them holds a connection for nothing. */
const HEADERS_MILLISECONDS = 20_000;

/** Takes a request ahead of the app, or leaves it to it: false. */
export type Ahead = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

/**
 * Listens. Uploads may take as long as they take; headers may not. A proxy may leave `basePath` before each address, or
 * take it off.
 * @throws TidemarkError `already-running` when the port is taken.
 */
export async function listen(
  app: App,
  address: { host: string; port: number; headersTimeout?: number; basePath?: string },
  ahead: Ahead = () => false,
): Promise<HttpServer> {
  const headersTimeout = address.headersTimeout ?? HEADERS_MILLISECONDS;
  const listener = getRequestListener(app.fetch);
  const serverOptions = {
    requestTimeout: 0,
    headersTimeout,
    // How often Node looks; by itself it does so twice a minute, which a shorter limit would wait for.
    connectionsCheckingInterval: Math.min(headersTimeout, 5000),
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
  };
  const server = createServer(serverOptions, (incoming, outgoing) => {
    incoming.url = withoutBase(incoming.url ?? '/', address.basePath ?? '');
    if (!ahead(incoming, outgoing)) void listener(incoming, outgoing);
  });
  server.on('clientError', answerParserError);
  const drain = drainOf(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    close: drain,
  };
}

function listenError(error: Error & { code?: string }, { host, port }: { host: string; port: number }): TidemarkError {
  if (error.code === 'EADDRINUSE') {
    return new TidemarkError(
      'already-running',
      `Port ${port} on ${host} is taken by another program; end it, or choose another with TIDEMARK_PORT.`,
    );
  }
  return new TidemarkError('invalid-configuration', `Cannot listen on ${host}:${port}: ${error.message}.`, {
    cause: error,
  });
}

/** Node refuses a malformed request before the app sees it; it is told in the same words as any other error. */
function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, title, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large', 'The request headers are larger than 16 KiB.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout', 'The request headers did not arrive in time.']
        : [400, 'Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify({ type: `${PROBLEM_BASE}bad-request`, title, status, detail });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Follows the requests from the start, so that at the end it knows when the last of them is answered. */
function drainOf(server: Server): HttpServer['close'] {
  let closing = false;
  server.on('request', (_, response) => {
    // A client keeps its connection for its next request, which this server will not take: without this the end
    // would wait for each of them until it gives up.
    response.once('close', () => {
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });
  return async (graceMilliseconds) => {
    closing = true;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
    await closed;
    clearTimeout(timer);
  };
}

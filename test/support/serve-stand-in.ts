import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StandIn } from './stand-ins.ts';

export type Served = {
  readonly url: string;
  /** What is to become of the following requests; `answer` once it is empty. `lose`: heard, and never answered. */
  readonly fates: ('answer' | 'lose' | 503)[];
  /** Method and path of every request. */
  readonly heard: string[];
  readonly close: () => Promise<void>;
};

/** A stand-in behind a real socket on this machine. */
export async function serve(standIn: StandIn): Promise<Served> {
  const fates: Served['fates'] = [];
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fate = fates.shift() ?? 'answer';
      heard.push(`${request.method} ${new URL(request.url ?? '', 'http://x').pathname}`);
      if (typeof fate === 'number') {
        response.writeHead(fate).end();
        return;
      }
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = chunks.length === 0 ? null : Buffer.concat(chunks).toString();
      // Node gives every method in capitals; the stand-ins answer 404 to those that they do not know.
      const method = request.method as 'GET' | 'POST';
      const answer = standIn.answer({ method, url: `http://stand-in${request.url}`, headers, body });
      if (fate === 'lose') {
        request.socket.destroy();
        return;
      }
      const location = answer.location === null ? {} : { location: answer.location };
      response.writeHead(answer.status, location).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    fates,
    heard,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

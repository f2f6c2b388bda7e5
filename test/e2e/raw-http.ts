import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';

/** Requests that `fetch` would mend or refuse before they leave: paths as they are written, broken HTTP. */
export type RawRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

export type RawAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body where it is JSON, else null. */
  readonly json: Readonly<Record<string, unknown>> | null;
};

/** Sends a request with its path untouched. */
export async function send(port: number, given: RawRequest): Promise<RawAnswer> {
  const { method, path, headers, body } = given;
  const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...headers } });
  const answered = once(sent, 'response');
  sent.end(body);
  // `once` gives what the event was given. An answer before the last byte of the body may end the connection.
  const [response] = (await answered) as [IncomingMessage];
  const said = (await buffer(response)).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text: said, json: jsonOf(said) };
}

/** Sends bytes as they are, then ends or breaks the connection, and resolves with all that came back. */
export async function sendBytes(port: number, bytes: string | Uint8Array, then: 'wait' | 'end' | 'reset') {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  const said = then === 'reset' ? Promise.resolve('') : text(socket).catch(() => '');
  await new Promise<void>((resolve) => {
    socket.write(bytes, () => resolve());
  });
  if (then === 'end') socket.end();
  if (then === 'reset') socket.resetAndDestroy();
  const answer = await said;
  await closed;
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
  const head = answer.indexOf('\r\n\r\n');
  return { status, text: answer, json: head === -1 ? null : jsonOf(answer.slice(head + 4)) };
}

function jsonOf(said: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(said);
    // An object is a record of unknown members.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

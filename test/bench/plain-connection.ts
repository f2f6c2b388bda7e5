import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/**
 * A kept connection on which requests follow one another, each sent when the last one's answer is there. It takes a
 * fifth of what Node's own client does: with one record a request, that client would be measured and not the server.
 */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #got: Buffer = Buffer.alloc(0);
  #waiting: { readonly resolve: (answer: string) => void; readonly reject: (error: Error) => void } | null = null;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error(`${host} has closed the connection`)));
  }

  static async open({ hostname, port, host }: URL): Promise<PlainConnection> {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new PlainConnection(socket, host);
  }

  /** @returns the answer's body. @throws Error for any status but 200, and for an answer of unknown length. */
  post(path: string, type: string, body: Uint8Array): Promise<string> {
    const head = `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: ${type}\r\ncontent-length: ${body.byteLength}${HEAD_END}`;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#got = this.#got.length === 0 ? chunk : Buffer.concat([this.#got, chunk]);
    const behind = this.#got.indexOf(HEAD_END);
    if (behind < 0) return;
    const head = this.#got.toString('latin1', 0, behind);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const start = behind + HEAD_END.length;
    if (length !== undefined && this.#got.length < start + Number(length)) return;
    const answer = this.#got.toString('utf8', start);
    const waiting = this.#waiting;
    this.#got = Buffer.alloc(0);
    this.#waiting = null;
    if (length !== undefined && head.startsWith('HTTP/1.1 200 ')) waiting?.resolve(answer);
    else waiting?.reject(new Error(`${this.#host} answered ${head}: ${answer}`));
  }
}

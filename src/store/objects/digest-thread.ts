import { parentPort } from 'node:worker_threads';
import { createDigester, type Digester, type Digests } from '../../dvc/hash.ts';

/** To the thread: bytes of a session in order, its end, or that nobody wants its digests any more. */
export type DigestRequest =
  | { readonly session: number; readonly kind: 'update'; readonly bytes: Uint8Array }
  | { readonly session: number; readonly kind: 'finish' | 'forget' };

/** Back from it: the oldest `update` of the session has been taken in, or the digests it ends with. */
export type DigestReply = { readonly session: number; readonly digests: Digests | null };

const sessions = new Map<number, Digester>();

parentPort?.on('message', (request: DigestRequest) => {
  const { session } = request;
  const digester = sessions.get(session) ?? createDigester();
  if (request.kind === 'update') {
    sessions.set(session, digester);
    digester.update(request.bytes);
    reply({ session, digests: null });
    return;
  }
  sessions.delete(session);
  if (request.kind === 'finish') reply({ session, digests: digester.digest() });
});

function reply(answer: DigestReply): void {
  parentPort?.postMessage(answer);
}

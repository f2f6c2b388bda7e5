import { parentPort } from 'node:worker_threads';
import { createDigester, type Digester } from '../../dvc/hash.ts';
import { type BlockSummer, createBlockSummer, type SummedDigests } from './block-sums.ts';

/** To the thread: bytes of a session in order, its end, or that nobody wants its digests any more. */
export type DigestRequest =
  | { readonly session: number; readonly kind: 'update'; readonly bytes: Uint8Array }
  | { readonly session: number; readonly kind: 'finish' | 'forget' };

/** Back from it: the oldest `update` of the session has been taken in, or the digests it ends with. */
export type DigestReply = { readonly session: number; readonly digests: SummedDigests | null };

type Session = { readonly digester: Digester; readonly summer: BlockSummer };

const sessions = new Map<number, Session>();

parentPort?.on('message', (request: DigestRequest) => {
  const { session } = request;
  const { digester, summer } = sessions.get(session) ?? { digester: createDigester(), summer: createBlockSummer() };
  if (request.kind === 'update') {
    sessions.set(session, { digester, summer });
    digester.update(request.bytes);
    summer.update(request.bytes);
    reply({ session, digests: null });
    return;
  }
  sessions.delete(session);
  if (request.kind === 'finish') reply({ session, digests: { ...digester.digest(), blockSums: summer.sums() } });
});

function reply(answer: DigestReply): void {
  parentPort?.postMessage(answer);
}

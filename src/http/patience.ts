import { type HttpContext, nodeOf } from './request.ts';

/** `dvc` gives up after a minute without a word from a server that has the whole body. */
const INTERVAL_MILLISECONDS = 15_000;

/**
 * Waits for work on a body that may take longer than the client's patience, which `102 Processing` renews: verifying
 * and storing a large object begins where its last byte has arrived, and reading one through before it is sent takes as long.
 */
export async function withPatience<T>(
  c: HttpContext,
  work: Promise<T>,
  interval: number = INTERVAL_MILLISECONDS,
): Promise<T> {
  const { outgoing, incoming } = nodeOf(c);
  // HTTP/1.0 knows no interim answers, and would take one for the answer.
  if (outgoing === undefined || incoming === undefined || incoming.httpVersion === '1.0') return work;
  const timer = setInterval(() => {
    const sent = incoming.readableEnded || incoming.method === 'GET';
    if (!outgoing.headersSent && sent && 'writeProcessing' in outgoing) outgoing.writeProcessing();
  }, interval);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

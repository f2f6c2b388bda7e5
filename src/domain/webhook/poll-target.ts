import type { TargetKind } from '../../../schemas/wire/targets.ts';
import type { Context } from '../../context.ts';
import type { EndpointRow } from '../../store/webhook/webhooks.ts';
import type { Adapter, Answer, Found, Started } from '../../webhook/adapters/adapter.ts';
import { adapterFor, openTarget } from './target.ts';

type Polling = Pick<Context, 'send' | 'secrets' | 'now'>;

/** Far more than any adapter asks for. */
const MAX_STEPS = 5;
const MAX_ANSWER = 256 * 1024;

/** Whether the system behind an endpoint says what became of what it started. */
export const canBePolled = (endpoint: Pick<EndpointRow, 'kind'>): boolean => pollerOf(endpoint).poll !== undefined;

function pollerOf(endpoint: Pick<EndpointRow, 'kind'>): Pick<Adapter<TargetKind>, 'poll' | 'authorize'> {
  const adapter = adapterFor(endpoint);
  return adapter === null || 'compose' in adapter ? {} : adapter;
}

/**
 * Asks another system what became of something that it started. Whatever goes wrong on the way leaves it unknown: it is
 * asked again.
 */
export async function pollTarget(
  ctx: Polling,
  { endpoint, externalId }: { readonly endpoint: EndpointRow; readonly externalId: string },
): Promise<Found> {
  const { poll, authorize } = pollerOf(endpoint);
  if (poll === undefined || endpoint.state === 'disabled') return { state: 'unknown', detail: null };
  const started: Started<TargetKind> = { ...openTarget(ctx, endpoint), externalId };
  const answers: Answer[] = [];
  for (let i = 0; i < MAX_STEPS; i++) {
    const step = poll(started, answers);
    if ('found' in step) return step.found;
    const by = { target: started.target, at: ctx.now() };
    const { method, url, body, headers } = (await authorize?.(step.request, by)) ?? step.request;
    const result = await ctx.send.deliver({ method, url, body, headers, maxAnswer: MAX_ANSWER });
    if (result.status === null || result.response === null || result.truncated) {
      return { state: 'unknown', detail: result.error };
    }
    answers.push({ status: result.status, location: result.location, body: result.response });
  }
  throw new Error(`the adapter of ${endpoint.kind} came to no end`);
}

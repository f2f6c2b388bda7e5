import type { EventType, KnownEvent } from '../../schemas/wire/events.ts';
import type { TargetKind, TargetOf } from '../../schemas/wire/targets.ts';
import type { Adapter, Answer, Call, Found, Outcome, Request, Started } from '../../src/webhook/adapters/adapter.ts';
import { eventOf } from './events.ts';

export type Talked = { readonly outcome: Outcome; readonly requests: readonly Request[] };

type Answering = { readonly answer: (request: Request) => Answer };

export type About<K extends TargetKind> = {
  readonly type: EventType;
  readonly url: string;
  readonly target: TargetOf<K>;
  readonly messageId?: string;
  readonly uncertain?: boolean;
  /** Instead of the usual event of that type. */
  readonly event?: KnownEvent;
};

/** When everything is sent. */
export const AT = new Date('2026-03-02T02:00:00Z');

/** Far more than any adapter asks for. */
const MAX_STEPS = 12;

/** Lets an adapter talk to a stand-in about an event until it has an outcome. */
export function talk<K extends TargetKind>(adapter: Adapter<K>, to: Answering, about: About<K>): Talked {
  const call = callOf(about);
  const answers: Answer[] = [];
  const requests: Request[] = [];
  for (let i = 0; i < MAX_STEPS; i++) {
    const step = adapter.step(call, answers);
    if ('outcome' in step) return { outcome: step.outcome, requests };
    requests.push(step.request);
    answers.push(to.answer(step.request));
  }
  throw new Error(`no outcome after ${MAX_STEPS} steps`);
}

/** The same for a system that wants its requests signed. */
export async function talkSigned<K extends TargetKind>(
  adapter: Adapter<K>,
  to: Answering,
  about: About<K>,
): Promise<Talked> {
  const call = callOf(about);
  const answers: Answer[] = [];
  const requests: Request[] = [];
  for (let i = 0; i < MAX_STEPS; i++) {
    const step = adapter.step(call, answers);
    if ('outcome' in step) return { outcome: step.outcome, requests };
    const request = (await adapter.authorize?.(step.request, { target: about.target, at: AT })) ?? step.request;
    requests.push(request);
    answers.push(to.answer(request));
  }
  throw new Error(`no outcome after ${MAX_STEPS} steps`);
}

function callOf<K extends TargetKind>(about: About<K>): Call<K> {
  const { url, target, messageId = 'msg_1', uncertain = false, event = eventOf(about.type) } = about;
  return { event, body: JSON.stringify(event), messageId, url, target, at: AT, uncertain };
}

/** Answers everything with a status and nothing else. */
export const answering = (status: number, body = '') => ({ answer: () => ({ status, location: null, body }) });

/** Asks an adapter what became of something at a stand-in. */
export function pollOnce<K extends TargetKind>(
  adapter: Adapter<K>,
  at: { readonly answer: (request: Request) => Answer },
  started: Started<K>,
): Found {
  const answers: Answer[] = [];
  for (let i = 0; i < 5; i++) {
    const step = adapter.poll?.(started, answers);
    if (step === undefined) throw new Error('it cannot be polled');
    if ('found' in step) return step.found;
    answers.push(at.answer(step.request));
  }
  throw new Error('nothing found after five steps');
}

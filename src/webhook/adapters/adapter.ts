import type { EventType, KnownEvent } from '../../../schemas/wire/events.ts';
import type { TargetKind, TargetOf } from '../../../schemas/wire/targets.ts';

/**
 * How another system is called: an event in, a request out; an answer in, an outcome out. An adapter does nothing
 * itself. It is asked for the next step until it has an outcome, so that a call of several requests (a token first,
 * a look whether it is there already) is as plain as one of a single request.
 */
export type Adapter<K extends TargetKind> = Traits<K> & {
  readonly step: (call: Call<K>, answers: readonly Answer[]) => Step;
  /** Puts a signature on a request just before it is sent, where the system wants one of its own. */
  readonly authorize?: (request: Request, by: Authorization<K>) => Promise<Request>;
  /** It says what became of what it started; asked like `step`. */
  readonly poll?: (started: Started<K>, answers: readonly Answer[]) => PollStep;
};

/** How a message is put to people by mail: an event in, a letter out. */
export type MailAdapter = Traits<'email'> & {
  readonly compose: (call: Call<'email'>) => Letter;
};

/** What goes to a mail server. The same message is the same letter, whenever it is sent. */
export type Letter = {
  readonly from: string;
  readonly to: readonly string[];
  readonly replyTo: string | undefined;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: Date;
  /** In angle brackets, as all ids of mails. */
  readonly messageId: string;
  /** What it goes on about: letters about one thing have one of these in common. */
  readonly thread: string;
};

type Traits<K extends TargetKind> = {
  /** Events that make sense to this system; null: any. */
  readonly events: readonly EventType[] | null;
  /** Those that it gets when nobody chose; empty: all. */
  readonly usual: readonly EventType[];
  /** Where the system is when that need not be said. */
  readonly url?: string | ((target: TargetOf<K>) => string);
  /** The URL is a secret itself: whoever knows it may write. */
  readonly secretUrl?: boolean;
  /** Messages a minute that it takes from one sender. */
  readonly rate?: number;
  /** Whether the request is signed as Standard Webhooks says, for whoever wants to check it. */
  readonly signed?: boolean;
  /**
   * Whether sending it twice comes to the same as once. Where it does not, a request without an answer is never
   * sent again: it may have been heard.
   */
  readonly repeatable: boolean;
  /** It can find out whether an earlier request was heard; it is then asked again with `uncertain`. */
  readonly looks?: boolean;
  /** It follows a state: what is older than something it has taken already is not told any more. */
  readonly follows?: boolean;
};

/** Something that was started at the other end, by the name it has there. */
export type Started<K extends TargetKind> = {
  readonly url: string;
  readonly target: TargetOf<K>;
  readonly externalId: string;
};

/** With whose credentials a request is signed, and when. */
type Authorization<K extends TargetKind> = { readonly target: TargetOf<K>; readonly at: Date };

/** What became of it. `unknown`: it did not say, and is asked again. */
export type Found = {
  readonly state: 'running' | 'succeeded' | 'failed' | 'unknown';
  readonly detail: string | null;
};

export type PollStep = { readonly request: Request } | { readonly found: Found };

export type Call<K extends TargetKind> = {
  readonly event: KnownEvent;
  /** The event as text, byte for byte as it is kept. */
  readonly body: string;
  readonly messageId: string;
  readonly url: string;
  readonly target: TargetOf<K>;
  /** When this try is made. */
  readonly at: Date;
  /** An earlier request has had no answer. */
  readonly uncertain: boolean;
};

export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The request that does it; the others only prepare or look. */
  readonly decisive: boolean;
};

export type Answer = {
  readonly status: number;
  readonly location: string | null;
  /** Its beginning, as text. */
  readonly body: string;
};

/**
 * `delivered`: done. `retryable`: not done, may be later. `refused`: it wants no more. `unknown`: perhaps done.
 */
export type Outcome = {
  readonly outcome: 'delivered' | 'retryable' | 'refused' | 'unknown';
  readonly error: string | null;
  /** What was started there, as that system names it. */
  readonly external?: { readonly id: string; readonly url: string | null };
  /** Seconds after which a state that holds on is to be told again. */
  readonly renewAfter?: number;
};

export type Step = { readonly request: Request } | { readonly outcome: Outcome };

/** What a started run is known by at the other end: a run of ours is one there, however often it is asked for. */
export function runKey({ event, messageId }: Pick<Call<TargetKind>, 'event' | 'messageId'>): string {
  return event.type === 'retraining.requested' ? event.data.run : messageId;
}

/** A request that only looks. */
export const lookAt = (url: string, headers: Readonly<Record<string, string>>): { readonly request: Request } => ({
  request: { method: 'GET', url, headers, body: null, decisive: false },
});

/** A path below a URL that may end in a slash. */
export const below = (url: string, path: string): string => `${url.replace(/\/+$/, '')}${path}`;

export const json = { 'content-type': 'application/json', accept: 'application/json' } as const;

export const basic = (user: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

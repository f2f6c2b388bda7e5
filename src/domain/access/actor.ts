import type { z } from 'zod';
import type { scopeShape } from '../../../schemas/wire/access.ts';
import { TidemarkError } from '../../errors.ts';

/** What a key may do. `admin` contains all of them. */
export type Scope = z.infer<typeof scopeShape>;

/** Who asks, and in which project. Every verb gets one first. */
export type Actor = {
  readonly projectId: number;
  readonly project: string;
  /** For histories: `key:abcd1234 (ci)`, `anonymous` on an open loopback service, `system` for our own jobs. */
  readonly author: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The request that it asks in, for the audit. */
  readonly requestId?: string | undefined;
};

export const mayDo = (actor: Actor, scope: Scope): boolean => actor.scopes.has(scope) || actor.scopes.has('admin');

/**
 * Whether an actor makes the keys of other projects and sees them all. Without this, the first key would lock every
 * project but its own for ever.
 */
export const runsTheService = (actor: Actor): boolean =>
  actor.author === 'anonymous' || (actor.project === 'default' && actor.scopes.has('admin'));

/** @throws TidemarkError `forbidden`, naming the scope that is missing. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (mayDo(actor, scope)) return;
  throw new TidemarkError('forbidden', `This key lacks the scope "${scope}"; use one that has it.`, {
    details: { scope },
  });
}

/** The actor of our own jobs in a project. */
export function systemActor(project: { id: number; name: string }): Actor {
  return { projectId: project.id, project: project.name, author: 'system', scopes: new Set<Scope>(['admin']) };
}

import type { EventType } from '../../../schemas/wire/events.ts';

/** A pipeline may be started by anything, and is started by a retraining that is asked for unless somebody says more. */
export const PIPELINE_EVENTS: { readonly events: null; readonly usual: readonly EventType[] } = {
  events: null,
  usual: ['retraining.requested'],
};

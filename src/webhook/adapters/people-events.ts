import type { EventType } from '../../../schemas/wire/events.ts';

/** What people want to hear of by themselves; every window that is judged they do not. */
export const PEOPLE_EVENTS: { readonly events: null; readonly usual: readonly EventType[] } = {
  events: null,
  usual: [
    'alert.firing',
    'alert.escalated',
    'alert.resolved',
    'retraining.awaiting_approval',
    'retraining.succeeded',
    'retraining.failed',
    'retraining.cancelled',
    'model.promoted',
    'model.rolled_back',
    'model.switched',
    'dataset.version.quarantined',
    'endpoint.disabled',
  ],
};

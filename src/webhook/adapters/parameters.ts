import type { KnownEvent } from '../../../schemas/wire/events.ts';

/**
 * What an event says in plain names and values, for pipelines that take nothing else: `TIDEMARK_TRAINING_OID` is
 * `data.training.oid`. Lists are left out.
 */
export function parametersOf(event: KnownEvent, messageId: string): Record<string, string> {
  return {
    TIDEMARK_EVENT: event.type,
    TIDEMARK_EVENT_ID: event.id,
    TIDEMARK_MESSAGE: messageId,
    ...flat('TIDEMARK', event.data),
  };
}

function flat(prefix: string, value: object): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    const key = `${prefix}_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
    if (typeof member === 'object' && member !== null && !Array.isArray(member))
      Object.assign(found, flat(key, member));
    else if (typeof member === 'string' || typeof member === 'number' || typeof member === 'boolean') {
      found[key] = String(member);
    }
  }
  return found;
}

/** The event without its lists of files, for systems that take little: the archive has them all. */
export function compact(event: KnownEvent): KnownEvent {
  if (event.type !== 'retraining.requested') return event;
  const { reference, training } = event.data;
  return {
    ...event,
    data: { ...event.data, reference: { ...reference, files: [] }, training: { ...training, files: [] } },
  };
}

import type { KnownEvent } from '../../../schemas/wire/events.ts';

/**
 * Puts parts of an event into a template. `{{data.run}}` is that member, `{{event}}` the whole; a member that is not
 * there is empty. The values are put into texts of a parsed template, so that nothing in them can break out of it.
 */
const PLACEHOLDER = /\{\{\s*([\w.]{1,200})\s*\}\}/g;

/** Fills a text; what is not a text itself is written as JSON. */
export function fillText(template: string, event: KnownEvent): string {
  return template.replaceAll(PLACEHOLDER, (_, path: string) => {
    const value = memberOf(event, path);
    return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  });
}

/** Fills each of many texts. */
export function fillTexts(templates: Readonly<Record<string, string>>, event: KnownEvent): Record<string, string> {
  return Object.fromEntries(Object.entries(templates).map(([name, text]) => [name, fillText(text, event)]));
}

/** Fills every text of a JSON value; one that is a placeholder and nothing else becomes the member as it is. */
export function fillJson(template: unknown, event: KnownEvent): unknown {
  if (typeof template === 'string') {
    const [whole, path] = new RegExp(`^${PLACEHOLDER.source}$`).exec(template) ?? [];
    return whole === undefined || path === undefined ? fillText(template, event) : (memberOf(event, path) ?? null);
  }
  if (Array.isArray(template)) return template.map((item) => fillJson(item, event));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, item]) => [name, fillJson(item, event)]));
}

function memberOf(event: KnownEvent, path: string): unknown {
  let value: unknown = { event, ...event };
  for (const name of path.split('.')) {
    // Only own members: nobody asks for the constructor of an event.
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

import { type Adapter, json } from './adapter.ts';
import { judge } from './answer.ts';
import { type EventText, textOf } from './event-text.ts';
import { PEOPLE_EVENTS } from './people-events.ts';

const COLOURS = { bad: 'Attention', good: 'Good', neutral: 'Default' } as const;

/** A whole message may have 28 KB; no text in it comes near that. */
const MAX_TEXT = 4000;

/** A workflow that posts an Adaptive Card: 202, and 200 from the older connectors. */
export const teams: Adapter<'teams'> = {
  ...PEOPLE_EVENTS,
  secretUrl: true,
  rate: 60,
  repeatable: true,
  step: (call, [answer]) => {
    if (answer !== undefined) return { outcome: judge(answer, [200, 202], { repeatable: true }) };
    const attachment = {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: cardOf(textOf(call.event)),
    };
    const body = JSON.stringify({ type: 'message', attachments: [attachment] });
    return { request: { method: 'POST', url: call.url, headers: json, body, decisive: true } };
  },
};

function cardOf(text: EventText) {
  const facts = text.facts.map(([title, value]) => ({ title, value: value.slice(0, MAX_TEXT) }));
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { ...block(text.title), size: 'Medium', weight: 'Bolder', color: COLOURS[text.tone] },
      ...(text.text === '' ? [] : [block(plain(text.text))]),
      ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts }]),
    ],
    actions: text.link === null ? [] : [{ type: 'Action.OpenUrl', title: text.link.label, url: text.link.url }],
  };
}

const block = (text: string) => ({ type: 'TextBlock', text: text.slice(0, MAX_TEXT), wrap: true });

/** A line break of Markdown is two; what could be read as a link or an emphasis is not. */
const plain = (text: string): string => text.replaceAll(/[[\]*_`]/g, '\\$&').replaceAll('\n', '\n\n');

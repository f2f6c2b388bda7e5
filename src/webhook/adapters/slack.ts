import { type Adapter, json } from './adapter.ts';
import { judge } from './answer.ts';
import { type EventText, textOf } from './event-text.ts';
import { PEOPLE_EVENTS } from './people-events.ts';

/** Characters that Slack takes in a header, in a section and in a field of one. */
const MAX = { header: 150, section: 3000, field: 2000 } as const;

const TONES = { bad: ':red_circle:', good: ':large_green_circle:', neutral: ':large_blue_circle:' } as const;

/** An incoming webhook: 200 and `ok`. A message that comes twice does no harm. */
export const slack: Adapter<'slack'> = {
  ...PEOPLE_EVENTS,
  secretUrl: true,
  rate: 60,
  repeatable: true,
  step: (call, [answer]) => {
    if (answer !== undefined) return { outcome: judge(answer, [200], { repeatable: true }) };
    const body = JSON.stringify(messageOf(textOf(call.event)));
    return { request: { method: 'POST', url: call.url, headers: json, body, decisive: true } };
  },
};

function messageOf(text: EventText) {
  const fields = text.facts.slice(0, 10).map(([name, value]) => mrkdwn(`*${safe(name)}*\n${safe(value)}`, MAX.field));
  return {
    // What notifications and screen readers have.
    text: cut(safe(text.title), MAX.section),
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: cut(`${TONES[text.tone]} ${text.title}`, MAX.header), emoji: true },
      },
      ...(text.text === '' ? [] : [{ type: 'section', text: mrkdwn(safe(text.text), MAX.section) }]),
      ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
      ...(text.link === null ? [] : [{ type: 'actions', elements: [button(text.link)] }]),
    ],
  };
}

const button = ({ label, url }: { label: string; url: string }) => ({
  type: 'button',
  text: { type: 'plain_text', text: label },
  url,
});

const mrkdwn = (text: string, max: number) => ({ type: 'mrkdwn', text: cut(text, max) });

/** Names of columns are anybody's: they shall neither link nor mention. */
const safe = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cut = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);

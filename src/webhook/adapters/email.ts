import type { Call, MailAdapter } from './adapter.ts';
import { type EventText, textOf } from './event-text.ts';
import { PEOPLE_EVENTS } from './people-events.ts';

/** Characters of a subject; titles are made of names, which may be long. */
const MAX_SUBJECT = 200;

/** Mail by SMTP. A letter that comes twice has one Message-ID, by which mail programs know it again. */
export const email: MailAdapter = {
  ...PEOPLE_EVENTS,
  rate: 60,
  repeatable: true,
  compose: ({ event, messageId, target }: Call<'email'>) => {
    const { from, to, reply_to: replyTo } = target.options;
    const text = textOf(event);
    const domain = from.slice(from.lastIndexOf('@') + 1);
    return {
      from,
      to,
      replyTo,
      subject: `[Tidemark] ${oneLine(text.title)}`.slice(0, MAX_SUBJECT),
      text: plain(text),
      html: page(text),
      date: new Date(event.time),
      messageId: `<${messageId}@${domain}>`,
      thread: `<${event.subject}.thread@${domain}>`,
    };
  },
};

/** Names are anybody's: what could end a line of a header is a blank. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');

function plain({ title, text, facts, link }: EventText): string {
  const named = facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  const more = link === null ? '' : `${link.label}: ${link.url}`;
  return `${[title, text, named, more].filter((part) => part !== '').join('\n\n')}\n`;
}

const COLOURS = { bad: '#b42318', good: '#067647', neutral: '#344054' } as const;

/** Nothing in it is fetched from anywhere, and what a name holds of markup is text. */
function page({ title, text, facts, link, tone }: EventText): string {
  const rows = facts.map(([name, value]) => {
    const cell = 'padding:2px 12px 2px 0;vertical-align:top';
    return `<tr><td style="${cell};color:#667085">${escaped(name)}</td><td style="${cell}">${escaped(value)}</td></tr>`;
  });
  const parts = [
    `<h1 style="font-size:18px;margin:0 0 12px;color:${COLOURS[tone]}">${escaped(title)}</h1>`,
    ...(text === '' ? [] : [`<p style="margin:0 0 12px">${escaped(text).replaceAll('\n', '<br>')}</p>`]),
    ...(rows.length === 0 ? [] : [`<table style="border-collapse:collapse;margin:0 0 12px">${rows.join('')}</table>`]),
    ...(link === null ? [] : [`<p style="margin:0"><a href="${escaped(link.url)}">${escaped(link.label)}</a></p>`]),
  ];
  const style = 'font:14px/1.5 system-ui,sans-serif;color:#101828';
  return `<!doctype html><html lang="en"><body style="${style}">${parts.join('\n')}</body></html>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? '');

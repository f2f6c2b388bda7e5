import { shownBody } from '../../../domain/webhook/redact.ts';
import type { Links } from '../../links.ts';

type AboutProps = { readonly message: { readonly subject: string; readonly body: string }; readonly links: Links };

/** What a message tells of, with the page of that where there is one. */
export function About({ message: { subject, body }, links }: AboutProps) {
  const name = nameIn(shownBody(body).data) ?? (subject.startsWith('ep_') ? 'a receiver' : subject);
  const href = pageOf(subject, links);
  if (href === null) return <bdi>{name}</bdi>;
  return (
    <a href={href}>
      <bdi>{name}</bdi>
    </a>
  );
}

/** The model, the dataset or the receiver of an event; its data may be that of an event of long ago. */
function nameIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const members: Record<string, unknown> = { ...data };
  const named = [members.model, members.dataset, members.url].find((member) => typeof member === 'string');
  return typeof named === 'string' ? named : null;
}

function pageOf(subject: string, links: Links): string | null {
  if (subject.startsWith('al_')) return links.alert(subject);
  return subject.startsWith('run_') ? links.run(subject) : null;
}

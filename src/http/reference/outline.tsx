import type { Member } from './schema-outline.ts';

/** What the document marks as code, between two backticks. */
export function Words({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 === 1 ? <code>{part}</code> : part))}</>;
}

/** Names at a glance, and what each may hold when it is opened. */
export function Outline({ title, members }: { title: string; members: readonly Member[] }) {
  if (members.length === 0) return <p>{title}</p>;
  const names = members.map(({ name, required }) => (required ? `${name} (required)` : name)).join(', ');
  const plain = members.every(({ type, description }) => type === 'string' && description === null);
  if (plain) return <p>{`${title}: ${names}`}</p>;
  return (
    <details>
      <summary>
        {title}: {names}
      </summary>
      <Members members={members} />
    </details>
  );
}

export function Members({ members }: { members: readonly Member[] }) {
  return (
    <ul>
      {members.map(({ name, type, required, description, members: inner }) => (
        <li>
          <code>{name}</code> {type}
          {required ? ', required' : ''}
          {description !== null && <Words text={`: ${description}`} />}
          {inner.length > 0 && <Members members={inner} />}
        </li>
      ))}
    </ul>
  );
}

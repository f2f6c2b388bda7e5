import type { Child } from 'hono/jsx';
import { formatTime } from './format.ts';

/** Small parts that several pages share. */

/** Leads to the rest of a list; nothing where there is none. */
export function More({ href }: { href: string | null }) {
  return href === null ? null : (
    <p>
      <a href={href}>Older →</a>
    </p>
  );
}

/** One number with its name, inside `<dl class="facts">`. */
export function Fact({ name, children }: { name: string; children?: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A heading with what stands beside it, and what it heads. */
export function Section({ title, aside, children }: { title: string; aside?: Child; children?: Child }) {
  return (
    <section class="section">
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** A point in time as people and machines read it (UTC); `precise` to the second, for steps that follow closely. */
export function Time({ at, precise = false }: { at: Date; precise?: boolean }) {
  const text = precise ? at.toISOString().slice(0, 19).replace('T', ' ') : formatTime(at);
  return <time datetime={at.toISOString()}>{text}</time>;
}

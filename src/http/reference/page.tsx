import type { Reference, Section } from './document.ts';
import { Method, OperationEntry, shapesOf } from './operation-entry.tsx';
import { Members } from './outline.tsx';
import { membersOf, type NamedSchemas } from './schema-outline.ts';

type PageProps = Reference & {
  /** Where readers reach the service, as its calls are shown. */
  readonly address: string;
};

/** Every call with what it takes, how it is typed and what it answers, and beside them a list to find it by. */
export function ReferencePage({ sections, named, address }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API reference · Tidemark</title>
        <link rel="icon" href="/assets/tidemark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/tidemark.css" />
      </head>
      <body class="reference">
        <Contents sections={sections} />
        <main class="calls">
          <h1>API reference</h1>
          <Conventions />
          {sections.map((section) => (
            <section id={section.name}>
              <h2>{section.name}</h2>
              <p>{section.description}</p>
              {section.entries.map((entry) => (
                <OperationEntry {...entry} named={named} address={address} />
              ))}
            </section>
          ))}
          <Shapes names={shapesOf(sections.flatMap(({ entries }) => entries))} named={named} />
        </main>
      </body>
    </html>
  );
}

/** What holds for all calls, and so is said of none. */
function Conventions() {
  return (
    <p>
      The same as a document for machines: <a href="/openapi.json">/openapi.json</a>. Where there are keys, each call
      brings one: <code>Authorization: Bearer tmk_…</code>. An error is a problem document (RFC 9457): its{' '}
      <code>detail</code> says what is wrong, where, and what to do. A list that goes on has a cursor <code>next</code>,
      which the same call takes as <code>cursor</code>. Whatever changes something may be repeated.
    </p>
  );
}

function Contents({ sections }: { sections: readonly Section[] }) {
  return (
    <nav class="contents" aria-label="Calls">
      <p>
        <a class="strong" href="/">
          Tidemark
        </a>
      </p>
      {sections.map(({ name, entries }) => (
        <details>
          <summary>{name}</summary>
          <ul>
            {entries.map(({ method, operation }) => (
              <li>
                <a href={`#${operation.operationId}`}>
                  <Method name={method} /> {operation.summary}
                </a>
              </li>
            ))}
          </ul>
        </details>
      ))}
      <p>
        <a href="#shapes">Shapes of answers</a>
      </p>
    </nav>
  );
}

function Shapes({ names, named }: { names: readonly string[]; named: NamedSchemas }) {
  return (
    <section id="shapes">
      <h2>Shapes of answers</h2>
      {names.map((name) => (
        <article class="operation" id={`shape-${name}`}>
          <h3>{name}</h3>
          <details>
            <summary>
              {membersOf(named[name] ?? {}, named)
                .map((member) => member.name)
                .join(', ')}
            </summary>
            <Members members={membersOf(named[name] ?? {}, named)} />
          </details>
        </article>
      ))}
    </section>
  );
}

import { curlOf, pythonOf } from './call.ts';
import type { Entry, Operation } from './document.ts';
import { Outline, Words } from './outline.tsx';
import { type JsonSchema, memberOf, membersOf, type NamedSchemas, nameOf } from './schema-outline.ts';

type EntryProps = Entry & { readonly named: NamedSchemas; readonly address: string };

/** One call: what it does, takes and answers, and how it is typed. */
export function OperationEntry({ path, method, operation, named, address }: EntryProps) {
  const call = { path, method, operation, named, address };
  const parameters = (operation.parameters ?? []).map(({ name, required, schema = {} }) =>
    memberOf(name, schema, { named, depth: 0, required: required === true }),
  );
  return (
    <article class="operation" id={operation.operationId}>
      <h3>
        <Method name={method} /> <a href={`#${operation.operationId}`}>{path}</a>
      </h3>
      <p>
        {operation.summary}
        {operation.description !== undefined && <Words text={`. ${operation.description}`} />}
      </p>
      {parameters.length > 0 && <Outline title="Parameters" members={parameters} />}
      {bodiesOf(operation).map(([types, schema]) => (
        <Outline title={`Body, ${types}`} members={membersOf(schema, named)} />
      ))}
      <details>
        <summary>In a shell and in Python</summary>
        <pre>{curlOf(call)}</pre>
        <pre>{pythonOf(call)}</pre>
      </details>
      <Answers operation={operation} />
    </article>
  );
}

export function Method({ name }: { name: string }) {
  return <span class={`method is-${name}`}>{name.toUpperCase()}</span>;
}

function Answers({ operation }: { operation: Operation }) {
  const answers = Object.entries(operation.responses).filter(([status]) => status !== 'default');
  return (
    <p>
      {answers.map(([status, { description }]) => {
        const shape = shapeOf(operation, status);
        return (
          <>
            <b>{status}</b> {description}
            {shape !== null && (
              <>
                {': '}
                <a href={`#shape-${shape}`}>{shape}</a>
              </>
            )}
            .{' '}
          </>
        );
      })}
      <span class="faint">Scope: {operation['x-scope'] ?? 'none needed'}.</span>
    </p>
  );
}

/** The name of the shape that an answer has. */
function shapeOf({ responses }: Operation, status: string): string | null {
  return nameOf(responses[status]?.content?.['application/json']?.schema ?? {});
}

/** The shapes that calls answer with, by name. */
export function shapesOf(entries: readonly Entry[]): string[] {
  const names = entries.flatMap(({ operation }) =>
    Object.keys(operation.responses)
      .filter((status) => status !== 'default')
      .map((status) => shapeOf(operation, status)),
  );
  return [...new Set(names.filter((name) => name !== null))].toSorted();
}

/** Bodies that a call takes, those of one shape together. */
function bodiesOf({ requestBody }: Operation): [types: string, schema: JsonSchema][] {
  const shapes = new Map<string, { readonly types: string[]; readonly schema: JsonSchema }>();
  for (const [type, { schema = {} }] of Object.entries(requestBody?.content ?? {})) {
    const key = JSON.stringify(schema);
    const same = shapes.get(key) ?? { types: [], schema };
    same.types.push(type);
    shapes.set(key, same);
  }
  return [...shapes.values()].map(({ types, schema }) => [types.join(', '), schema]);
}

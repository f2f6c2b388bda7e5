import type { Lineage } from '../../domain/lineage/read-lineage.ts';
import { formatTime } from '../format.ts';
import { State } from '../layout.tsx';
import type { Links } from '../links.ts';

type Node = Lineage['nodes'][number];

const RELATIONS: Readonly<Record<string, string>> = {
  derived: 'became',
  held_out: 'held out',
  trained: 'trained',
  watched: 'was watched in',
  judged: 'was the measure of',
  raised: 'raised',
  started: 'started',
  produced: 'made',
};

/** What led to a version and what it led to, a step a line. */
export function LineageTable({ lineage, links }: { lineage: Lineage; links: Links }) {
  const nodes = new Map(lineage.nodes.map((node) => [`${node.kind}:${node.id}`, node]));
  const find = ({ kind, id }: { kind: string; id: string }) => nodes.get(`${kind}:${id}`);
  const made = (end: { kind: string; id: string }): number => find(end)?.at.getTime() ?? 0;
  const edges = lineage.edges.toSorted((a, b) => made(a.target) - made(b.target));
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>From</th>
            <th>How</th>
            <th>To</th>
          </tr>
        </thead>
        <tbody>
          {edges.map(({ source, target, relation }) => (
            <tr>
              <td>
                <NodeLink node={find(source)} links={links} />
              </td>
              <td class="soft">{RELATIONS[relation] ?? relation}</td>
              <td>
                <NodeLink node={find(target)} links={links} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lineage.truncated && <p class="small soft pad">There is more; ask the API from a later step.</p>}
    </div>
  );
}

function NodeLink({ node, links }: { node: Node | undefined; links: Links }) {
  if (node === undefined) return null;
  return (
    <span class="row">
      <a href={addressOf(node, links)}>
        <NodeTitle node={node} />
      </a>
      {node.kind !== 'model_version' && node.state !== null && <State of={node.state} />}
    </span>
  );
}

function addressOf(node: Node, links: Links): string {
  const model = node.model ?? '';
  switch (node.kind) {
    case 'dataset_version':
      return links.version(node.dataset ?? '', node.number ?? 0);
    case 'model_version':
      return links.model(model);
    case 'window':
      return links.window({ model, monitor: node.monitor ?? '', start: node.start ?? node.at });
    case 'alert':
      return links.alert(node.id);
    case 'run':
      return links.run(node.id);
  }
}

function NodeTitle({ node }: { node: Node }) {
  if (node.kind === 'dataset_version') {
    return (
      <>
        <bdi>{node.dataset}</bdi> v{node.number}
      </>
    );
  }
  const model = <bdi>{node.model}</bdi>;
  switch (node.kind) {
    case 'model_version':
      return (
        <>
          {model} <bdi>{node.name}</bdi>
        </>
      );
    case 'window':
      return (
        <>
          window of {formatTime(node.start ?? node.at)}, {model} <bdi>{node.monitor}</bdi>
        </>
      );
    case 'alert':
      return <>alert of {model}</>;
    case 'run':
      return <>retraining of {model}</>;
  }
}

import type { z } from 'zod';
import type { lineageView } from '../../../schemas/wire/lineage.ts';
import type { Lineage } from '../../domain/lineage/read-lineage.ts';

type View = z.infer<typeof lineageView>;
type Node = Lineage['nodes'][number];

export function viewLineage(base: string, lineage: Lineage): View {
  return {
    start: nameOf(lineage.start),
    nodes: lineage.nodes.map((node) => ({
      id: nameOf(node),
      kind: node.kind,
      at: node.at.toISOString(),
      ...membersOf(base, node),
    })),
    edges: lineage.edges.map(({ relation, source, target }) => ({
      from: nameOf(source),
      to: nameOf(target),
      relation,
    })),
    truncated: lineage.truncated,
  };
}

const nameOf = ({ kind, id }: Lineage['start']): string => `${kind}:${id}`;

/** What each kind of node says. Its row has the members of its kind (`describeNodes`). */
function membersOf(base: string, node: Node): Omit<View['nodes'][number], 'id' | 'kind' | 'at'> {
  const state = node.state === null ? {} : { state: node.state };
  const model = node.model ?? '';
  switch (node.kind) {
    case 'dataset_version': {
      const [dataset, ref] = [node.dataset ?? '', `v${node.number}`];
      const href = `${base}/v1/datasets/${dataset}/versions/${ref}`;
      return { title: `${dataset}@${ref}`, dataset, ref, oid: node.oid ?? '', href };
    }
    case 'model_version':
      return {
        title: `${model} ${node.name}`,
        model,
        version: node.name ?? '',
        href: `${base}/v1/models/${model}/versions`,
        ...state,
      };
    case 'window': {
      const [start, end] = [node.start?.toISOString() ?? '', node.end?.toISOString() ?? ''];
      const monitor = node.monitor ?? '';
      return {
        title: `${model} ${monitor} ${start}`,
        model,
        monitor,
        start,
        end,
        ...(node.report === null ? {} : { report: node.report }),
        href: `${base}/v1/models/${model}/monitors/${monitor}/windows/${start}/report`,
        ...state,
      };
    }
    case 'alert':
      return {
        title: `alert of ${model} ${node.monitor}`,
        model,
        monitor: node.monitor ?? '',
        alert: node.id,
        href: `${base}/v1/alerts/${node.id}`,
        ...state,
      };
    case 'run':
      return { title: `retraining of ${model}`, model, run: node.id, href: `${base}/v1/runs/${node.id}`, ...state };
  }
}

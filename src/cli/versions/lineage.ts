import { z } from 'zod';
import { lineageView } from '../../../schemas/wire/lineage.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { parseTarget } from './target.ts';

// A newer service may say more than this client knows.
const answer = z.looseObject(lineageView.shape);
type Lineage = z.output<typeof answer>;

export type LineageOptions = {
  readonly model?: string | undefined;
  readonly run?: string | undefined;
  readonly alert?: string | undefined;
  readonly report?: string | undefined;
  readonly direction: string;
};

/**
 * Shows what led to a version, model, report, alert or run, and what it led to.
 * @param target `DATASET` or `DATASET@v3`, unless an option names something else.
 * @throws TidemarkError `bad-request` when not exactly one start is named.
 */
export async function lineage(
  client: Client,
  terminal: Terminal,
  target: string | undefined,
  options: LineageOptions,
): Promise<void> {
  const { run, alert, report, direction } = options;
  const named = [target, options.model, run, alert, report].filter((name) => name !== undefined);
  if (named.length !== 1) {
    throw new TidemarkError(
      'bad-request',
      'Name one start: DATASET@v3, or one of --model, --run, --alert and --report.',
    );
  }
  const version = target === undefined ? {} : parseTarget(target);
  const found = await client.call(answer, 'GET', '/v1/lineage', {
    query: { ...version, ...modelOf(options.model), run, alert, report, direction },
  });
  terminal.result(found, () => shown(found).join('\n'));
}

/** `churn` for the version in service, `churn@second` for another. */
function modelOf(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  const { dataset: model, ref } = parseTarget(text);
  return text.includes('@') ? { model, version: ref } : { model };
}

function shown(lineage: Lineage): string[] {
  const { edges, nodes, start, truncated } = lineage;
  const titles = new Map(
    nodes.map(({ id, title, state }) => [id, state === undefined ? title : `${title} (${state.replaceAll('_', ' ')})`]),
  );
  // What others wrote must neither break the line nor steer the terminal.
  const title = (id: string): string => (titles.get(id) ?? id).replace(/\p{Cc}+/gu, ' ');
  const tree = (direction: 'up' | 'down'): string[] => {
    const seen = new Set([start]);
    const below = (id: string, depth: number): string[] =>
      edges.flatMap(({ from, to, relation }) => {
        const [near, far] = direction === 'down' ? [from, to] : [to, from];
        if (near !== id) return [];
        const line = `${'  '.repeat(depth)}${direction === 'down' ? '→' : '←'} ${relation}  ${title(far)}`;
        // A node of several ways is followed on the first of them.
        if (seen.has(far)) return [`${line} …`];
        seen.add(far);
        return [line, ...below(far, depth + 1)];
      });
    return below(start, 1);
  };
  const more = truncated ? ['There is more than is shown; ask from a later step.'] : [];
  return [title(start), ...tree('up'), ...tree('down'), ...more];
}

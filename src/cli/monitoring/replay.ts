import { z } from 'zod';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';

const answer = z.looseObject({
  agrees: z.boolean(),
  methods_changed: z.array(z.looseObject({ stored: z.string(), recomputed: z.string() })).default([]),
  differences: z.array(z.looseObject({ pointer: z.string() })),
});

/** Computes a stored report again from its bytes. @returns 0 when it agrees to the last digit, else 1. */
export async function replay(client: Client, terminal: Terminal, report: string): Promise<number> {
  const found = await client.call(answer, 'POST', `/v1/reports/${encodeURIComponent(report)}/replay`);
  terminal.result(found, () => {
    const first = `${report} does NOT agree; first difference at ${found.differences[0]?.pointer ?? '/'}`;
    return [found.agrees ? `${report} agrees to the last digit` : first, ...found.methods_changed.map(changed)].join(
      '\n',
    );
  });
  return found.agrees ? 0 : 1;
}

const changed = ({ stored, recomputed }: z.infer<typeof answer>['methods_changed'][number]): string =>
  `  method has changed since: ${stored} -> ${recomputed}`;

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Terminal } from '../terminal/terminal.ts';

const lint = z.looseObject({
  code: z.string(),
  column: z.string().nullable(),
  what: z.string(),
  how_to_mend: z.string(),
});
const answer = z.looseObject({
  why: z.string(),
  complete: z.boolean(),
  alerts: z.array(
    z.looseObject({
      from: z.string(),
      fired_at: z.string(),
      resolved_at: z.string().nullable(),
      columns: z.array(z.string()),
    }),
  ),
  lints: z.array(lint),
});

export type PreviewOptions = { readonly monitor?: string; readonly config?: string; readonly windows?: number };

/** Tries a monitor's configuration on history. @returns 3 when an alert would have fired, else 0. */
export async function preview(
  client: Client,
  terminal: Terminal,
  model: string,
  options: PreviewOptions,
): Promise<number> {
  const config = options.config === undefined ? {} : await readConfig(options.config);
  const place = `/v1/models/${encodeURIComponent(model)}`;
  const path = options.monitor === undefined ? place : `${place}/monitors/${encodeURIComponent(options.monitor)}`;
  const body = { ...config, ...(options.windows !== undefined && { windows: options.windows }) };
  const found = await client.call(answer, 'POST', `${path}/preview`, { json: body });
  terminal.result(found, () => {
    const alerts = found.alerts.map(
      ({ fired_at, resolved_at, columns }) =>
        `  ${fired_at}  ${columns.slice(0, 5).join(', ')}${resolved_at === null ? '  (not resolved)' : ''}`,
    );
    const lints = found.lints.map(
      ({ code, column, what, how_to_mend }) =>
        `${code}${column === null ? '' : ` (${column})`}: ${what} ${how_to_mend}`,
    );
    const cut = found.complete ? [] : ['Time ran out before all windows were judged; choose fewer.'];
    return [found.why, ...alerts, ...cut, ...(lints.length > 0 ? ['', ...lints] : [])].join('\n');
  });
  return found.alerts.length > 0 ? EXIT.differs : EXIT.done;
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new TidemarkError('bad-request', `${file} is not a JSON object with the members of a monitor.`);
  }
}

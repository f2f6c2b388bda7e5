import { z } from 'zod';
import { lintView } from '../../../schemas/wire/lints.ts';
import { monitorView, reportView, windowDetail, windowView } from '../../../schemas/wire/monitors.ts';
import type { Client } from '../client/client.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { printable, type Terminal, table } from '../terminal/terminal.ts';
import { readObject } from './models.ts';

// A newer service may say more than this client knows.
const monitor = z.looseObject(monitorView.shape).extend({ config: z.looseObject({}) });
const lint = z.looseObject(lintView.shape).extend({ code: z.string() });
const detail = monitor.extend({
  lints: z.array(lint),
  scheduled: z.array(z.looseObject({ effective_from: z.string().nullable() })),
});
const monitors = z.looseObject({ items: z.array(monitor) });
const window = z.looseObject({
  start: windowView.shape.start,
  state: z.string(),
  verdict: z.string().nullable(),
  rows: z.int(),
  drifted_columns: z.array(z.string()),
  unsound: z.array(z.string()),
});
const windows = z.looseObject({ items: z.array(window) });
const explained = window.extend({
  not_judged_because: windowDetail.shape.not_judged_because.element.loose().extend({ code: z.string() }).array(),
});
const report = z.looseObject({
  id: reportView.shape.id,
  summary: z.string(),
  body: z.looseObject({ verdict: z.string() }),
});

export type Named = { readonly model: string; readonly monitor: string };

const addressOf = ({ model, monitor: name }: Named): string =>
  `/v1/models/${encodeURIComponent(model)}/monitors/${encodeURIComponent(name)}`;

const HEADER = ['MONITOR', 'MODEL', 'STATE', 'REVISION', 'REFERENCE', 'EVENTS UP TO'];
const lineOf = (row: z.output<typeof monitor>): string[] => [
  row.name,
  row.model,
  row.enabled ? 'on' : 'off',
  String(row.revision),
  `${row.reference.dataset}@v${row.reference.version}`,
  row.watermark ?? '–',
];

/** Lists monitors: of a model, or of the project. */
export async function listMonitors(client: Client, terminal: Terminal, model: string | undefined): Promise<void> {
  const path = model === undefined ? '/v1/monitors?limit=1000' : `/v1/models/${encodeURIComponent(model)}/monitors`;
  const { items } = await client.call(monitors, 'GET', path);
  terminal.result({ items }, () => (items.length === 0 ? 'No monitor.' : table([HEADER, ...items.map(lineOf)])));
}

/** Shows a monitor, what is scheduled for it, and what could be better about it. */
export async function showMonitor(client: Client, terminal: Terminal, named: Named): Promise<void> {
  tell(terminal, await client.call(detail, 'GET', addressOf(named)));
}

/** Makes a monitor what is asked for; repeating it changes nothing. @throws TidemarkError `bad-request`. */
export async function putMonitor(
  client: Client,
  terminal: Terminal,
  given: Named & { readonly config: string | undefined },
): Promise<void> {
  const json = given.config === undefined ? {} : await readObject(given.config, 'the members of a monitor');
  tell(terminal, await client.call(detail, 'PUT', addressOf(given), { json }));
}

function tell(terminal: Terminal, found: z.output<typeof detail>): void {
  terminal.result(found, () =>
    [
      table([HEADER, lineOf(found)]),
      ...found.scheduled.map(({ effective_from: from }) => `another configuration from ${from} on`),
      ...found.lints.map(({ code, column, what, how_to_mend: mend }) =>
        printable(`${code}${column === null ? '' : ` (${column})`}: ${what} ${mend}`),
      ),
    ].join('\n'),
  );
}

/** Deletes a monitor; its reports stay. */
export async function deleteMonitor(client: Client, terminal: Terminal, named: Named): Promise<void> {
  await client.send('DELETE', addressOf(named));
  terminal.result({ deleted: named.monitor }, () => printable(`${named.monitor} is gone; its reports stay.`));
}

/** Lists the newest windows of a monitor. */
export async function listWindows(
  client: Client,
  terminal: Terminal,
  given: Named & { readonly limit: number },
): Promise<void> {
  const query = { order: 'newest', limit: String(given.limit) };
  const { items } = await client.call(windows, 'GET', `${addressOf(given)}/windows`, { query });
  terminal.result({ items }, () =>
    items.length === 0
      ? 'No window.'
      : table([
          ['WINDOW', 'VERDICT', 'ROWS', 'DRIFTED', 'WRONG BESIDES'],
          ...items.map((row) => [
            row.start,
            row.verdict ?? row.state,
            String(row.rows),
            row.drifted_columns.join(', '),
            row.unsound.join(', '),
          ]),
        ]),
  );
}

/**
 * Tells of one window: its report in a paragraph, or why it has none.
 * @returns 3 when it drifted, else 0.
 */
export async function showReport(
  client: Client,
  terminal: Terminal,
  given: Named & { readonly start: string },
): Promise<number> {
  const path = `${addressOf(given)}/windows/${encodeURIComponent(given.start)}`;
  const found = await client.call(explained, 'GET', path);
  if (found.state !== 'judged' || found.verdict === 'no_data') {
    terminal.result(found, () =>
      [
        `${found.start}  ${found.verdict ?? found.state}`,
        ...found.not_judged_because.map(({ message, remedy }) => printable(`${message} ${remedy}`)),
      ].join('\n'),
    );
    return EXIT.done;
  }
  const told = await client.call(report, 'GET', `${path}/report`);
  terminal.result(told, () => `${told.id}  ${told.body.verdict}\n${printable(told.summary)}`);
  return told.body.verdict === 'drift' ? EXIT.differs : EXIT.done;
}

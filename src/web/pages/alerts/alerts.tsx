import { readAlerts } from '../../../domain/alert/alerts.ts';
import { holds, recurrenceOf } from '../../../domain/alert/recurrence.ts';
import { readSilences } from '../../../domain/alert/silences.ts';
import { silenceMatchers } from '../../../domain/alert/tell.ts';
import { formatDuration } from '../../format.ts';
import type { Content, Visit } from '../../page.tsx';
import { More, Section, Time } from '../../parts.tsx';
import { Condition } from '../webhooks/condition.tsx';
import { AlertLine } from './alert-line.tsx';
import { openAlerts } from './alert-lists.ts';

const PAGE = 50;

/** What is open, and what is over. */
export async function alertsPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now } = visit;
  const cursor = visit.query('before') ?? undefined;
  const [open, silences, resolved] = await Promise.all([
    openAlerts(visit),
    readSilences(ctx, actor, { ended: false }),
    readAlerts(ctx, actor, { state: 'resolved', limit: PAGE, cursor }),
  ]);
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>Alerts</h1>
          <p class="lede">One alert from the first breach to its end, however many windows that takes.</p>
        </div>
      </div>
      <Section title="Open">
        {open.length === 0 ? (
          <p class="card empty">Nothing is open.</p>
        ) : (
          <div class="alerts">
            {open.map((alert) => (
              <AlertLine alert={alert} links={links} now={now} />
            ))}
          </div>
        )}
      </Section>
      {silences.length > 0 && (
        <Section title="Silences">
          <Silences silences={silences} visit={visit} />
        </Section>
      )}
      {resolved.items.length > 0 && (
        <Section title="Resolved">
          <div class="alerts">
            {resolved.items.map((alert) => (
              <AlertLine alert={alert} links={links} now={now} />
            ))}
          </div>
          <More href={resolved.next === null ? null : `${links.alerts}?before=${encodeURIComponent(resolved.next)}`} />
        </Section>
      )}
    </>
  );
  return { section: 'alerts', title: 'Alerts', refresh: 5, body };
}

/** The times of a maintenance window. */
function Recurrence({ silence }: { silence: SilencesProps['silences'][number] }) {
  const recurs = recurrenceOf(silence);
  if (recurs === null) return null;
  return (
    <div class="small soft">
      at <bdi>{recurs.schedule}</bdi> ({recurs.zone}) for {formatDuration(recurs.seconds)}
    </div>
  );
}

type SilencesProps = { readonly silences: Awaited<ReturnType<typeof readSilences>>; readonly visit: Visit };

/** What is told to nobody now or soon, by whose word and why. */
function Silences({ silences, visit }: SilencesProps) {
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Matches</th>
            <th>From</th>
            <th>To</th>
            <th>Why</th>
            <th>By</th>
          </tr>
        </thead>
        <tbody>
          {silences.map((silence) => (
            <tr>
              <td>
                {silenceMatchers(silence).map((matcher) => (
                  <div>
                    <Condition matcher={matcher} />
                  </div>
                ))}
              </td>
              <td>{holds(silence, visit.now) ? 'now' : <Time at={silence.startsAt} />}</td>
              <td>
                <Time at={silence.endsAt} />
                <Recurrence silence={silence} />
              </td>
              <td>
                <bdi>{silence.comment}</bdi>
              </td>
              <td class="soft">
                <bdi>{silence.author}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

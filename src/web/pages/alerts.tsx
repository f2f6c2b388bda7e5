import { readAlerts } from '../../domain/alert/alerts.ts';
import type { Content, Visit } from '../page.tsx';
import { More, Section } from '../parts.tsx';
import { AlertLine } from './alert-line.tsx';
import { openAlerts } from './alert-lists.ts';

const PAGE = 50;

/** What is open, and what is over. */
export async function alertsPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now } = visit;
  const cursor = visit.query('before') ?? undefined;
  const [open, resolved] = await Promise.all([
    openAlerts(visit),
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

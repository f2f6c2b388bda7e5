import { alertEvidence } from '../../../../schemas/wire/events.ts';
import { formatAge, formatCount } from '../../format.ts';
import { State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import { Time } from '../../parts.tsx';
import type { AlertItem } from './alert-lists.ts';

/** The evidence that an alert keeps; nothing but the alert noun writes it. */
export const evidenceOf = (alert: Pick<AlertItem, 'summary'>) => alertEvidence.parse(alert.summary);

/** An alert in one line that leads to its page. */
export function AlertLine({ alert, links, now }: { alert: AlertItem; links: Links; now: Date }) {
  const { columns_drifted, columns_judged, worst_columns, problem } = evidenceOf(alert);
  return (
    <a class={`alert-line ${alert.state}`} href={links.alert(alert.id)}>
      <State of={alert.state} />
      <span class="what">
        <b>
          <bdi>{alert.model}</bdi>
        </b>{' '}
        <span class="soft">
          <bdi>{alert.monitor}</bdi>
        </span>{' '}
        {problem === undefined ? (
          `${formatCount(columns_drifted)} of ${formatCount(columns_judged)} columns drifted`
        ) : (
          <bdi>{problem.detail}</bdi>
        )}
        {problem === undefined && worst_columns.length > 0 && (
          <>
            {': '}
            {worst_columns.slice(0, 4).map(({ column }, i) => (
              <>
                {i > 0 && ', '}
                <bdi>{column}</bdi>
              </>
            ))}
            {columns_drifted > 4 && ' …'}
          </>
        )}
      </span>
      <span class="soft small nowrap">
        since <Time at={alert.from} />
        {alert.state === 'resolved' && alert.resolvedAt !== null && `, resolved ${formatAge(alert.resolvedAt, now)}`}
      </span>
    </a>
  );
}

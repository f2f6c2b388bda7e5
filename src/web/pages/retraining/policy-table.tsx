import type { PolicyConfig } from '../../../../schemas/wire/policies.ts';
import type { readPolicies } from '../../../domain/policy/policies.ts';
import { configOf, describeGuards } from '../../../domain/policy/policy.ts';
import type { Visit } from '../../page.tsx';
import { StackTable } from '../../stack-table.tsx';

type Policies = Awaited<ReturnType<typeof readPolicies>>;

/** The policies: what starts a run of each, and what holds it back. */
export function PolicyTable({ policies, visit }: { policies: Policies; visit: Visit }) {
  const { links } = visit;
  if (policies.length === 0) return <p class="card empty">No policy yet: alerts start nothing.</p>;
  return (
    <StackTable
      rows={policies.map((policy) => ({ policy, config: configOf(policy) }))}
      columns={[
        {
          head: 'Policy',
          cell: ({ policy }) => (
            <>
              <a class="strong" href={links.policy(policy.name)}>
                <bdi>{policy.name}</bdi>
              </a>{' '}
              {policy.enabled === 'off' && <span class="tag">off</span>}
            </>
          ),
        },
        {
          head: 'Model',
          cell: ({ policy }) => (
            <a href={links.model(policy.model)}>
              <bdi>{policy.model}</bdi>
            </a>
          ),
        },
        { head: 'Starts', cell: ({ policy, config }) => <bdi>{describeCauses(config, policy.monitor)}</bdi> },
        { head: 'Guards', class: 'soft', cell: ({ config }) => describeGuards(config) },
        { head: 'Promotion', cell: ({ config }) => (config.promote === 'auto' ? 'by itself' : 'by hand') },
      ]}
    />
  );
}

const FIRING = { alert: '', drift: ' for drift', performance: ' for worse performance' } as const;

/** What starts a run, in one line. */
function describeCauses(config: PolicyConfig, monitor: string): string {
  const { new_data: data, schedule, new_labelled_rows: labels } = config;
  const causes = [
    ...(config.on === 'request' ? [] : [`when ${monitor} fires${FIRING[config.on]}`]),
    ...(schedule === null ? [] : [`at ${schedule} (${config.zone})`]),
    ...(data === null
      ? []
      : [data.tag === null ? `with a new ${data.dataset}` : `when ${data.dataset}@${data.tag} moves`]),
    ...(labels === null ? [] : [`after ${labels} new labels`]),
  ];
  return causes.length === 0 ? 'when asked for' : causes.join(', ');
}

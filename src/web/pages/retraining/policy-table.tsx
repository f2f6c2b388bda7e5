import type { PolicyConfig } from '../../../../schemas/wire/policies.ts';
import type { readPolicies } from '../../../domain/policy/policies.ts';
import { configOf, describeGuards } from '../../../domain/policy/policy.ts';
import type { Visit } from '../../page.tsx';

type Policies = Awaited<ReturnType<typeof readPolicies>>;

/** The policies: what starts a run of each, and what holds it back. */
export function PolicyTable({ policies, visit }: { policies: Policies; visit: Visit }) {
  const { links } = visit;
  if (policies.length === 0) return <p class="card empty">No policy yet: alerts start nothing.</p>;
  return (
    <div class="card flush scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Policy</th>
            <th>Model</th>
            <th>Starts</th>
            <th>Guards</th>
            <th>Promotion</th>
          </tr>
        </thead>
        <tbody>
          {policies.map((policy) => {
            const config = configOf(policy);
            return (
              <tr>
                <td data-label="Policy">
                  <a class="strong" href={links.policy(policy.name)}>
                    <bdi>{policy.name}</bdi>
                  </a>{' '}
                  {policy.enabled === 'off' && <span class="tag">off</span>}
                </td>
                <td data-label="Model">
                  <a href={links.model(policy.model)}>
                    <bdi>{policy.model}</bdi>
                  </a>
                </td>
                <td data-label="Starts">
                  <bdi>{describeCauses(config, policy.monitor)}</bdi>
                </td>
                <td class="soft" data-label="Guards">
                  {describeGuards(config)}
                </td>
                <td data-label="Promotion">{config.promote === 'auto' ? 'by itself' : 'by hand'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
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

import type { WindowCheck } from '../../../../schemas/wire/checks.ts';
import { formatP } from '../../format.ts';
import { State } from '../../layout.tsx';

const TITLES: Readonly<Record<WindowCheck['check'], string>> = {
  schema: 'Schema',
  volume: 'Volume',
  freshness: 'Freshness',
};

/** Whether a window's rows were what they should be, as many as usual, and in time. */
export function Checks({ checks }: { checks: readonly WindowCheck[] }) {
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Check</th>
            <th>Verdict</th>
            <th>Why</th>
            <th class="num">p</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ check, verdict, why, p }) => (
            <tr>
              <td class="strong">{TITLES[check]}</td>
              <td>
                <State of={verdict} />
              </td>
              <td>
                <bdi>{why}</bdi>
              </td>
              <td class="num">{formatP(p)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

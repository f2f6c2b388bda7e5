import type { ReadWindow } from '../../../domain/monitor/read-windows.ts';
import { Section } from '../../parts.tsx';

/** Why a window has no verdict on drift: what there is, what it takes, and what to do. */
export function NotJudged({ reasons }: { reasons: ReadWindow['notJudged'] }) {
  if (reasons.length === 0) return null;
  return (
    <Section title="Why it is not judged, and what it takes">
      <div class="card flush">
        <table>
          <thead>
            <tr>
              <th>Reason</th>
              <th>There is</th>
              <th>It takes</th>
              <th>What to do</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ message, have, need, remedy }) => (
              <tr>
                <td>{message}</td>
                <td>{have ?? '–'}</td>
                <td>{need ?? '–'}</td>
                <td>{remedy}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

import type { Lint } from '../../../../schemas/wire/lints.ts';
import { Section } from '../../parts.tsx';

/** What is wrong with a monitor's configuration, and how to mend it. */
export function Lints({ lints }: { lints: readonly Lint[] }) {
  if (lints.length === 0) return null;
  return (
    <Section title="What could be better about this monitor">
      <div class="card flush">
        <table>
          <thead>
            <tr>
              <th>Column</th>
              <th>What</th>
              <th>How to mend it</th>
            </tr>
          </thead>
          <tbody>
            {lints.map(({ column, what, how_to_mend: mend }) => (
              <tr>
                <td>{column === null ? '–' : <bdi>{column}</bdi>}</td>
                <td>{what}</td>
                <td>{mend}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

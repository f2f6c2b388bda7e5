import type { readHoldings } from '../../domain/access/holdings.ts';
import { formatCount } from '../format.ts';
import { State } from '../layout.tsx';
import { linksOf } from '../links.ts';

export type Holdings = Awaited<ReturnType<typeof readHoldings>>;

/** The projects one may enter. */
export function Projects({ holdings }: { holdings: Holdings }) {
  return (
    <>
      <div class="headline">
        <h1>Projects</h1>
      </div>
      <div class="card flush">
        <table class="stack">
          <thead>
            <tr>
              <th>Project</th>
              <th class="num">Datasets</th>
              <th class="num">Models</th>
              <th>Alerts</th>
            </tr>
          </thead>
          <tbody>
            {holdings.map(({ project, datasets, models, firing }) => (
              <tr>
                <td data-label="Project">
                  <a class="strong" href={linksOf(project).overview}>
                    <bdi>{project}</bdi>
                  </a>
                </td>
                <td class="num" data-label="Datasets">
                  {formatCount(datasets)}
                </td>
                <td class="num" data-label="Models">
                  {formatCount(models)}
                </td>
                <td data-label="Alerts">{firing > 0 ? <State of="firing" /> : <span class="faint">none</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Where the address `/` leads: to the project with the demo or the data, or to the choice among several. */
export function homeOf(holdings: Holdings): string {
  const holding = holdings.filter(({ datasets, models }) => datasets + models > 0).map(({ project }) => project);
  const choices = holding.length > 0 ? holding : holdings.map(({ project }) => project);
  const preferred = ['demo', 'default'].find((name) => choices.includes(name));
  const chosen = preferred ?? (choices.length === 1 ? choices[0] : undefined);
  return chosen === undefined ? '/projects' : linksOf(chosen).overview;
}

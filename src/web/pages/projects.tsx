import type { DescribedProject, readHoldings } from '../../domain/project/projects.ts';
import { formatCount } from '../format.ts';
import { State } from '../layout.tsx';
import { deletionOf, linksOf, renamingOf, restorationOf } from '../links.ts';
import { Section, Time } from '../parts.tsx';

export type Holdings = Awaited<ReturnType<typeof readHoldings>>;
type Deleted = readonly DescribedProject['project'][];

type Props = {
  readonly holdings: Holdings;
  /** Whether the pages of a project open for whoever looks. */
  readonly entered: (project: string) => boolean;
  readonly deleted: Deleted;
  /** Whether whoever looks may delete and restore projects. */
  readonly runs: boolean;
};

/** The projects one may enter; for who runs the service all of them, and those that can be restored. */
export function Projects({ holdings, entered, deleted, runs }: Props) {
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
              {runs && <th>Change</th>}
            </tr>
          </thead>
          <tbody>
            {holdings.map(({ project, datasets, models, firing }) => (
              <tr>
                <td data-label="Project">
                  {entered(project) ? (
                    <a class="strong" href={linksOf(project).overview}>
                      <bdi>{project}</bdi>
                    </a>
                  ) : (
                    <bdi>{project}</bdi>
                  )}
                </td>
                <td class="num" data-label="Datasets">
                  {formatCount(datasets)}
                </td>
                <td class="num" data-label="Models">
                  {formatCount(models)}
                </td>
                <td data-label="Alerts">{firing > 0 ? <State of="firing" /> : <span class="faint">none</span>}</td>
                {runs && (
                  <td data-label="Change">
                    {project !== 'default' && (
                      <>
                        <a class="small" href={renamingOf(project)} aria-label={`Rename ${project}`}>
                          Rename…
                        </a>{' '}
                        <a class="small" href={deletionOf(project)} aria-label={`Delete ${project}`}>
                          Delete…
                        </a>
                      </>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <DeletedProjects rows={deleted} />
    </>
  );
}

function DeletedProjects({ rows }: { rows: Deleted }) {
  if (rows.length === 0) return null;
  return (
    <Section title="Deleted">
      <div class="card flush">
        <table class="stack">
          <thead>
            <tr>
              <th>Project</th>
              <th>By</th>
              <th class="num">Deleted</th>
              <th class="num">Restorable until</th>
              <th>Restore</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, deletedBy, deletedAt, eraseAt, erasingAt }) => (
              <tr>
                <td data-label="Project">
                  <bdi>{name}</bdi>
                </td>
                <td class="small" data-label="By">
                  <bdi>{deletedBy}</bdi>
                </td>
                <td class="num" data-label="Deleted">
                  {deletedAt !== null && <Time at={deletedAt} />}
                </td>
                <td class="num" data-label="Restorable until">
                  {erasingAt === null && eraseAt !== null ? <Time at={eraseAt} /> : 'it is being erased'}
                </td>
                <td data-label="Restore">
                  {erasingAt === null && (
                    <form method="post" action={restorationOf(name)}>
                      <button class="quiet" type="submit" aria-label={`Restore ${name}`}>
                        Restore
                      </button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
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

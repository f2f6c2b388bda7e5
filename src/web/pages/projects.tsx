import type { DescribedProject, readHoldings } from '../../domain/project/projects.ts';
import { formatCount } from '../format.ts';
import { State } from '../layout.tsx';
import { deletionOf, linksOf, renamingOf, restorationOf } from '../links.ts';
import { Section, Time } from '../parts.tsx';
import { StackTable } from '../stack-table.tsx';

export type Holdings = Awaited<ReturnType<typeof readHoldings>>;
type Holding = Holdings[number];
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
      <StackTable
        rows={holdings}
        columns={[
          {
            head: 'Project',
            cell: ({ project }) =>
              entered(project) ? (
                <a class="strong" href={linksOf(project).overview}>
                  <bdi>{project}</bdi>
                </a>
              ) : (
                <bdi>{project}</bdi>
              ),
          },
          { head: 'Datasets', class: 'num', cell: ({ datasets }) => formatCount(datasets) },
          { head: 'Models', class: 'num', cell: ({ models }) => formatCount(models) },
          {
            head: 'Alerts',
            cell: ({ firing }) => (firing > 0 ? <State of="firing" /> : <span class="faint">none</span>),
          },
          ...(runs ? [{ head: 'Change', cell: ({ project }: Holding) => <Changes project={project} /> }] : []),
        ]}
      />
      <DeletedProjects rows={deleted} />
    </>
  );
}

function Changes({ project }: { project: string }) {
  return (
    project !== 'default' && (
      <>
        <a class="small" href={renamingOf(project)} aria-label={`Rename ${project}`}>
          Rename…
        </a>{' '}
        <a class="small" href={deletionOf(project)} aria-label={`Delete ${project}`}>
          Delete…
        </a>
      </>
    )
  );
}

function DeletedProjects({ rows }: { rows: Deleted }) {
  if (rows.length === 0) return null;
  return (
    <Section title="Deleted">
      <StackTable
        rows={rows}
        columns={[
          { head: 'Project', cell: ({ name }) => <bdi>{name}</bdi> },
          { head: 'By', class: 'small', cell: ({ deletedBy }) => <bdi>{deletedBy}</bdi> },
          { head: 'Deleted', class: 'num', cell: ({ deletedAt }) => deletedAt !== null && <Time at={deletedAt} /> },
          {
            head: 'Restorable until',
            class: 'num',
            cell: ({ eraseAt, erasingAt }) =>
              erasingAt === null && eraseAt !== null ? <Time at={eraseAt} /> : 'it is being erased',
          },
          {
            head: 'Restore',
            cell: ({ name, erasingAt }) =>
              erasingAt === null && (
                <form method="post" action={restorationOf(name)}>
                  <button class="quiet" type="submit" aria-label={`Restore ${name}`}>
                    Restore
                  </button>
                </form>
              ),
          },
        ]}
      />
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

import type { DescribedProject } from '../../domain/project/projects.ts';
import { formatBytes, formatCount, formatDuration } from '../format.ts';
import { deletionOf } from '../links.ts';
import { Fact } from '../parts.tsx';

type Props = DescribedProject & {
  /** For so long it can be restored. */
  readonly seconds: number;
  /** Why the form that was sent deleted nothing. */
  readonly refused: string | null;
};

/** What is in a project, and the form that deletes it. */
export function ProjectDeletion({ project, holds, seconds, refused }: Props) {
  const { name } = project;
  return (
    <>
      <div class="headline">
        <h1>
          Delete <bdi>{name}</bdi>
        </h1>
      </div>
      <dl class="facts">
        <Fact name="Datasets">{formatCount(holds.datasets)}</Fact>
        <Fact name="Versions">{formatCount(holds.versions)}</Fact>
        <Fact name="Bytes">{formatBytes(holds.bytes)}</Fact>
        <Fact name="Of no other project">{formatBytes(holds.ownBytes)}</Fact>
        <Fact name="Models">{formatCount(holds.models)}</Fact>
        <Fact name="Logged rows">{formatCount(holds.loggedRows)}</Fact>
        <Fact name="Monitors">{formatCount(holds.monitors)}</Fact>
        <Fact name="Open alerts">{formatCount(holds.openAlerts)}</Fact>
        <Fact name="Policies">{formatCount(holds.policies)}</Fact>
        <Fact name="Retraining runs">{formatCount(holds.livingRuns)}</Fact>
        <Fact name="Jobs">{formatCount(holds.jobs)}</Fact>
        <Fact name="Webhooks">{formatCount(holds.webhooks)}</Fact>
        <Fact name="Messages to deliver">{formatCount(holds.pendingMessages)}</Fact>
        <Fact name="Registries">{formatCount(holds.registries)}</Fact>
        <Fact name="Keys">{formatCount(holds.keys)}</Fact>
      </dl>
      <section class="card sign-in">
        <p class="soft">
          Its keys let nobody in from then on, its addresses answer that it is gone, none of its jobs begins, and
          nothing is delivered. It can be restored for {formatDuration(seconds)}; then all this is erased.
        </p>
        {refused !== null && (
          <p class="refused" role="alert">
            {refused}
          </p>
        )}
        <form method="post" action={deletionOf(name)}>
          <label for="confirm">The name of the project, once more</label>
          <input id="confirm" name="confirm" type="text" autocomplete="off" required spellcheck={false} />
          <button type="submit">Delete the project</button>
        </form>
      </section>
    </>
  );
}

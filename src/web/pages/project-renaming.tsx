import type { NamedProject } from '../../domain/project/projects.ts';
import { renamingOf } from '../links.ts';
import { Fact } from '../parts.tsx';

type Props = {
  readonly project: NamedProject;
  /** What was asked for, and why it was not done. */
  readonly refused: { readonly name: string; readonly why: string } | null;
};

/** What a project is and was called, and the form that calls it otherwise. */
export function ProjectRenaming({ project: { name, formerNames }, refused }: Props) {
  return (
    <>
      <div class="headline">
        <h1>
          Rename <bdi>{name}</bdi>
        </h1>
      </div>
      {formerNames.length > 0 && (
        <dl class="facts">
          <Fact name="Found as">
            <bdi>{formerNames.join(', ')}</bdi>
          </Fact>
        </dl>
      )}
      <section class="card sign-in">
        <p class="soft">
          Its keys stay, and its name so far goes on finding it, in the address of a dvc remote too, until another
          project is called so.
        </p>
        {refused !== null && (
          <p class="refused" role="alert">
            {refused.why}
          </p>
        )}
        <form method="post" action={renamingOf(name)}>
          <label for="name">What it is called from now on</label>
          <input
            id="name"
            name="name"
            type="text"
            autocomplete="off"
            required
            spellcheck={false}
            value={refused?.name ?? ''}
          />
          <button type="submit">Rename the project</button>
        </form>
      </section>
    </>
  );
}

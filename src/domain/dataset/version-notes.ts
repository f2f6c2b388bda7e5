/** What people say of a version beside its content. Content that comes again keeps its own; `noteVersion` changes it. */
export type VersionNotes = {
  readonly message?: string | undefined;
  /** Who made it, where that is not who records it. */
  readonly author?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The commit that names or made it. */
  readonly gitRev?: string | undefined;
  /** Versions that it was made from: `v3` of the same dataset, or `census@prod` of another. */
  readonly parents?: readonly string[] | undefined;
  /** Free words on where it came from, kept as `provenance.details`. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
};

/** The notes as part of what makes a request the same one; without any, nothing. */
export function contentOfNotes(notes: VersionNotes): string[] {
  const { author, labels, gitRev, parents, details } = notes;
  const sorted = labels === undefined ? undefined : Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const given = [author, sorted, gitRev, parents, details];
  return given.every((part) => part === undefined) ? [] : [JSON.stringify(given)];
}

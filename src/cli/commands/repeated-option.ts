/**
 * An option that may be given again and again, with one value each time. One that took all values behind it would
 * take the arguments of the command too.
 */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

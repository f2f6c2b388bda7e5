const PAUSE_MILLISECONDS = 50;

/**
 * Reads what is still being made until it is there, at most for so long: what is said of the first requests after a push
 * must not depend on who was faster.
 * @returns what was read last, which may be pending still.
 */
export async function readWhilePending<T extends { readonly state: string }>(
  read: () => Promise<T>,
  milliseconds: number,
): Promise<T> {
  const tired = AbortSignal.timeout(milliseconds);
  let found = await read();
  while (found.state === 'pending' && !tired.aborted) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    found = await read();
  }
  return found;
}

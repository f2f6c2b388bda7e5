import type { Tell } from './carry-out.ts';

/** Tells how far the copying of versions is, of which each copied file is counted. */
export function copyingOf(versions: readonly { readonly bytes: number }[], tell: Tell): (bytes: number) => void {
  const of = versions.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  return (bytes) => {
    done += bytes;
    tell({ phase: 'copying', done, of, unit: 'bytes' });
  };
}

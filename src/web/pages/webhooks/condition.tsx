import type { Matcher } from '../../../../schemas/wire/matchers.ts';

/** A matcher as a sentence. */
export function Condition({ matcher }: { matcher: Matcher }) {
  const { label, is, is_not } = matcher;
  return (
    <bdi>
      {label} {is === undefined ? 'is not' : 'is'} {(is ?? is_not ?? []).join(' or ')}
    </bdi>
  );
}

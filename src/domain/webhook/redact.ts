/** A message's body as people may see it: the callback's token is for its receiver alone. */
export function shownBody(body: string): Record<string, unknown> {
  // Every body was made by `publishEvent`, which writes an object.
  return JSON.parse(body, (key, value: unknown) =>
    key === 'token' && typeof value === 'string' ? '[hidden]' : value,
  ) as Record<string, unknown>;
}

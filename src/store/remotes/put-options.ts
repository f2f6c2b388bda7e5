/** What the sender says of the bytes. Digests are lower-case hex; `md5` is bare, without `.dir`. */
export type Expectation = {
  readonly md5?: string | undefined;
  readonly sha256?: string | undefined;
  readonly size?: number | undefined;
};

export type PutOptions = {
  /** Compared before the object becomes visible. */
  readonly expect?: Expectation | undefined;
  /** The bytes are a directory manifest: the oid gets `.dir`. */
  readonly directory?: boolean | undefined;
  /** Most bytes that are taken. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
};

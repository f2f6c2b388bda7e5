/** Whose requests belong together. */
export type Pusher = {
  readonly projectId: number;
  readonly dataset: string;
  readonly author: string;
  readonly address: string;
  readonly agent: string;
};

const AGENT_LENGTH = 200;

/** A pusher as one text, equal for equal ones. */
export function nameOfPusher({ author, address, agent }: Omit<Pusher, 'projectId' | 'dataset'>): string {
  return JSON.stringify([author, address, agent]);
}

/** What a client says of itself, as far as it is kept: the database takes no U+0000. */
export function agentOf(header: string | undefined): string {
  return (header ?? '').replaceAll('\0', '').slice(0, AGENT_LENGTH);
}

import { type Logger, pino, type SerializedError, stdSerializers, stdTimeFunctions } from 'pino';

export type Log = Logger;

/** Characters of a statement in a message and a stack: some have kilobytes. */
const SHOWN = 160;

/** JSON lines, on standard output unless given another place, with secrets struck out wherever they might ride along. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: withoutParameters },
    redact: {
      paths: ['*.authorization', '*.secret', '*.token', '*.password', 'authorization', 'secret', 'token', 'password'],
      censor: '[redacted]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** An error, without the parameters of the statements that failed: values of people's data, and often a megabyte. */
function withoutParameters(error: Error): SerializedError {
  const { params: _, ...serialized } = stdSerializers.err(error);
  let { message, stack } = serialized;
  for (const cause of causesOf(error)) {
    if (!('query' in cause && 'params' in cause)) continue;
    const strike = (text: string): string => text.replaceAll(cause.message, () => `Failed query: ${cut(cause.query)}`);
    [message, stack] = [strike(message), strike(stack)];
  }
  return { ...serialized, message, stack } as SerializedError;
}

/** A statement as far as it tells which one it is; whole it stands in the entry once, as "query". */
function cut(statement: unknown): string {
  const line = String(statement).replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

function causesOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

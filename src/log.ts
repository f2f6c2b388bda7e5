import { type Logger, pino, stdTimeFunctions } from 'pino';

export type Log = Logger;

/** JSON lines on standard output, with secrets struck out wherever they might ride along. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    redact: {
      paths: ['*.authorization', '*.secret', '*.token', '*.password', 'authorization', 'secret', 'token', 'password'],
      censor: '[redacted]',
    },
  });
}

import { TidemarkError } from '../errors.ts';

/** The bytes cannot be read as the table they claim to be; `message` says where and what to do. */
export function unreadable(message: string, cause?: unknown): TidemarkError {
  return new TidemarkError('unreadable-data', message, cause === undefined ? {} : { cause });
}

/** A stated limit was passed; `message` names the limit. */
export function tooLarge(message: string): TidemarkError {
  return new TidemarkError('too-large', message);
}

/** Text of foreign origin, made fit to stand in a message: cut, and without control and direction characters. */
export function shown(text: string, limit = 60): string {
  const plain = text.slice(0, limit).replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  return text.length > limit ? plain + '…' : plain;
}

import { z } from 'zod';

/** Pieces that many shapes share. Strict objects everywhere: an unknown field is an error that names it. */

/** Names that people choose: they stand in URLs, so they hold what a URL holds without escapes. */
export const nameShape = z
  .string()
  .max(100)
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/,
    'must begin with a letter or digit and hold only letters, digits, ".", "_" and "-"',
  )
  .meta({ example: 'census' });

/** A name or id in an address: what it names is found out later, but the database takes no U+0000. */
export const addressedShape = z.string().refine((text) => !text.includes('\0'), 'must be text without U+0000');

/**
 * RFC 3339 with a zone, as text on the wire: in the years that databases write with four digits, and that read back as
 * themselves. What PostgreSQL writes as `0001-01-01 00:00:00+00` JavaScript takes for a day of 2001.
 */
export const instantShape = z.iso
  .datetime({ offset: true, error: 'must be a time with its zone, such as 2026-01-31T09:00:00Z' })
  .refine((text) => {
    const year = new Date(text).getUTCFullYear();
    // What is no time has been told so.
    return !(year < 100 || year > 9999);
  }, 'must lie in the years 0100 to 9999 of UTC');

export const md5Shape = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be an MD5 in 32 lower-case hexadecimal digits')
  .meta({ example: '5d41402abc4b2a76b9719d911017c592' });

export const sha256Shape = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lower-case hexadecimal digits');

/** DVC's name of an object: an MD5, with `.dir` when it is a directory manifest. */
export const oidShape = z
  .string()
  .regex(/^[0-9a-f]{32}(\.dir)?$/, 'must be an MD5 in 32 lower-case hexadecimal digits, with ".dir" for a directory')
  .meta({ example: '5d41402abc4b2a76b9719d911017c592' });

/** A whole number in a query, from 1 to `most` (at most 9999); `preset` when absent. */
export const count = (most: number, preset: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/, `must be a number from 1 to ${most}`)
    .transform(Number)
    .pipe(z.number().min(1, `must be a number from 1 to ${most}`).max(most, `must be a number from 1 to ${most}`))
    .default(preset)
    .meta({ type: 'integer', minimum: 1, maximum: most, default: preset });

/** Page parameters of a list: an opaque cursor from the previous page's `next`, with the same filters. */
export const pageShape = z.strictObject({
  limit: count(1000, 100),
  // It may hold the path of a file.
  cursor: z.string().max(8000).optional(),
});

/** Null, or what has a name of its own in the document; by `nullable` that name would mean null everywhere. */
export const orNull = <S extends z.ZodType>(shape: S) => z.union([shape, z.null()]);

/** A page of a list; `next` is null on the last one. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });

/** An ISO 8601 duration of fixed length, or seconds; what it may measure is checked where it is used. */
export const durationShape = z
  .union([z.string().max(40), z.number()])
  .meta({ example: 'P1D', description: 'An ISO 8601 duration of weeks, days, hours, minutes and seconds, or seconds' });

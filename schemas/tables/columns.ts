import { bigint, customType, integer, timestamp } from 'drizzle-orm/pg-core';

/** A surrogate key. 2^53 rows are enough, so JavaScript numbers are exact. */
export const serial = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();

/** The tenant of a row; part of every key that a client can name. */
export const projectId = () => integer('project_id').notNull();

/** Points in time are kept with their zone and read as `Date`, to the millisecond. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });

/** Sizes and counts that may pass 2^31. */
export const count = (name: string) => bigint(name, { mode: 'number' });

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

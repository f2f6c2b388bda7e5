/** What `http` and `web` tell when the database is away. */
export { databaseFailure } from '../../store/postgres/db.ts';

/** `2026-01-08 09:30:00`, in UTC, of a time as the service says it. */
export const pointInTime = (said: string): string => said.slice(0, 19).replace('T', ' ');

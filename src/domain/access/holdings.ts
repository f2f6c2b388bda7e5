import type { Context } from '../../context.ts';
import { countHoldings, type HoldingsRow } from '../../store/inventory/holdings.ts';
import type { Actor } from './actor.ts';
import { readProjects } from './keys.ts';

/** The projects that an actor may see, by name, with what is in them. */
export async function readHoldings(ctx: Pick<Context, 'db'>, actor: Actor): Promise<HoldingsRow[]> {
  const projects = await readProjects(ctx, actor);
  return countHoldings(
    ctx.db,
    projects.map(({ id }) => id),
  );
}

import type { Context } from '../../context.ts';

/**
 * A link to a resource of a project. A key names its project by itself; on an open service the address has to,
 * unless the project is the default one.
 */
export function linkTo(ctx: Pick<Context, 'publicUrl'>, project: string, path: string): string {
  const query = project === 'default' ? '' : `?project=${encodeURIComponent(project)}`;
  return `${ctx.publicUrl()}/v1${path}${query}`;
}

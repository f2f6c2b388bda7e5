/** Addresses of pages. Names come from clients, so each is escaped as one segment of a path. */

const segment = encodeURIComponent;

export type Links = ReturnType<typeof linksOf>;

/** How a window is named: monitors belong to models, and a window's name is its start. */
export type WindowPlace = { readonly model: string; readonly monitor: string; readonly start: Date };

export function linksOf(project: string) {
  const base = `/p/${segment(project)}`;
  const model = (name: string): string => `${base}/models/${segment(name)}`;
  const monitor = (of: { model: string; monitor: string }): string =>
    `${model(of.model)}/monitors/${segment(of.monitor)}`;
  return {
    overview: base,
    datasets: `${base}/datasets`,
    dataset: (name: string) => `${base}/datasets/${segment(name)}`,
    version: (name: string, ref: string | number) =>
      `${base}/datasets/${segment(name)}/versions/${segment(typeof ref === 'number' ? `v${ref}` : ref)}`,
    diff: (name: string, from: number, to: number) => `${base}/datasets/${segment(name)}/diff/v${from}..v${to}`,
    models: `${base}/models`,
    model,
    predictions: (name: string, query: Readonly<Record<string, string>> = {}) => {
      const asked = new URLSearchParams(query).toString();
      return `${model(name)}/predictions${asked === '' ? '' : `?${asked}`}`;
    },
    prediction: (name: string, id: string) => `${model(name)}/predictions/${segment(id)}`,
    window: (place: WindowPlace, revision?: number) =>
      `${monitor(place)}/windows/${segment(place.start.toISOString())}${revision === undefined ? '' : `?revision=${revision}`}`,
    slices: (place: WindowPlace, revision?: number) =>
      `${monitor(place)}/windows/${segment(place.start.toISOString())}?slices=1${revision === undefined ? '' : `&revision=${revision}`}`,
    column: (place: WindowPlace, column: string) =>
      `${monitor(place)}/columns/${segment(column)}?window=${segment(place.start.toISOString())}`,
    alerts: `${base}/alerts`,
    alert: (id: string) => `${base}/alerts/${segment(id)}`,
    runs: `${base}/runs`,
    run: (id: string) => `${base}/runs/${segment(id)}`,
    policy: (name: string) => `${base}/policies/${segment(name)}`,
    webhooks: `${base}/webhooks`,
    storage: `${base}/storage`,
    message: (id: string) => `${base}/webhooks/messages/${segment(id)}`,
  };
}

/** Where a project is called otherwise, where it is deleted, and where one is taken back. */
export const renamingOf = (project: string): string => `/projects/${segment(project)}/rename`;
export const deletionOf = (project: string): string => `/projects/${segment(project)}/delete`;
export const restorationOf = (project: string): string => `/projects/${segment(project)}/restore`;

/** An address that a client gave, if a browser may be sent there: anything but the web's own schemes is text. */
export function outsideLink(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  return ['http:', 'https:'].includes(new URL(address).protocol) ? address : null;
}

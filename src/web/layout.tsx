import type { Child } from 'hono/jsx';

/** The frame of every page: where one is, where one can go, and whether the service is open to all. */
export type Frame = {
  /** Null where no project has been chosen yet. */
  readonly project: string | null;
  /** The entry of the navigation that is current. */
  readonly section: 'overview' | 'datasets' | 'models' | 'alerts' | 'runs' | 'webhooks' | 'storage' | 'none';
  readonly title: string;
  /** No key has been made, so whoever reaches the address may do everything. */
  readonly open: boolean;
  /** Whoever looks has signed in with a key. */
  readonly signedIn?: boolean;
  /** Seconds after which the page brings itself up to date; 0 when nothing on it moves. */
  readonly refresh?: number;
};

const SECTIONS = [
  ['overview', 'Overview', ''],
  ['datasets', 'Datasets', '/datasets'],
  ['models', 'Models', '/models'],
  ['alerts', 'Alerts', '/alerts'],
  ['runs', 'Retraining', '/runs'],
  ['webhooks', 'Webhooks', '/webhooks'],
  ['storage', 'Storage', '/storage'],
] as const;

export function Page({ frame, children }: { frame: Frame; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${frame.title} · Tidemark`}</title>
        <link rel="icon" href="/assets/tidemark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/tidemark.css" />
        <script src="/assets/page.js" defer />
      </head>
      <body data-refresh={frame.refresh ? String(frame.refresh) : undefined}>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <Bar frame={frame} />
        {frame.open && (
          <aside class="notice" aria-label="Access">
            Open to everybody who reaches this address: no API key has been made yet.
          </aside>
        )}
        <main id="content">{children}</main>
        <footer>
          <a href="/docs">API reference</a>
          <a href="/openapi.json">OpenAPI</a>
          <a href="/metrics">Metrics</a>
        </footer>
      </body>
    </html>
  );
}

function Bar({ frame }: { frame: Frame }) {
  const { project } = frame;
  const base = project === null ? null : `/p/${encodeURIComponent(project)}`;
  return (
    <header class="bar">
      <a class="brand" href={base ?? '/'}>
        <Mark />
        Tidemark
      </a>
      <nav aria-label="Sections">
        {base !== null &&
          SECTIONS.map(([key, text, path]) => (
            <a href={base + path} aria-current={frame.section === key ? 'page' : undefined}>
              {text}
            </a>
          ))}
      </nav>
      {project !== null && (
        <a class="project" href="/projects" title="All projects">
          <bdi>{project}</bdi>
        </a>
      )}
      {frame.signedIn && (
        <form method="post" action="/sign-out">
          <button class="quiet" type="submit">
            Sign out
          </button>
        </form>
      )}
    </header>
  );
}

/** A wave and the line it once reached. */
function Mark() {
  return (
    <svg
      width="22"
      height="22"
      viewBox="0 0 22 22"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M2 14c3-4 6-4 9 0s6 4 9 0" />
      <path d="M2 6.5h18" stroke-dasharray="1.5 4" />
    </svg>
  );
}

export function Crumbs({ path }: { path: readonly (readonly [text: string, href: string])[] }) {
  return (
    <nav class="crumbs" aria-label="Where you are">
      {path.map(([text, href], i) => (
        <>
          {i > 0 && <span aria-hidden="true">/</span>}
          <a href={href}>
            <bdi>{text}</bdi>
          </a>
        </>
      ))}
    </nav>
  );
}

/** A state or verdict in its colour, with its own mark. */
export function State({ of }: { of: string }) {
  return <span class={`state ${of}`}>{of.replaceAll('_', ' ')}</span>;
}

/** A command line with a button that copies it (shown once the script runs). */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <pre>{text}</pre>
      <button type="button" hidden>
        Copy
      </button>
    </div>
  );
}

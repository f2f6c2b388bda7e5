import { authenticate } from '../domain/access/authenticate.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';
import { readForm } from './form.ts';
import { Page } from './layout.tsx';
import { answerPage, guarded, type Pages } from './page.tsx';
import { checkOrigin, endedCookie, localPath, sessionCookie } from './session.ts';
import { SignInForm } from './sign-in-form.tsx';

/** Signing in and out. */
export function signInRoutes(pages: Pages): void {
  const { app, ctx } = pages;
  app.get('/sign-in', () => answerForm('/', false, 200));
  app.post('/sign-in', (c) =>
    guarded(pages, c, null, async () => {
      checkOrigin(ctx, { origin: c.req.header('origin'), host: c.req.header('host') });
      const form = await readForm(c);
      const next = localPath(form.get('next'));
      const key = form.get('key')?.trim() ?? '';
      try {
        if (key === '') throw new TidemarkError('unauthenticated', 'No key was given.');
        await authenticate(ctx, { key, project: null });
      } catch (error) {
        if (!isTidemarkError(error, 'unauthenticated')) throw error;
        return answerForm(next, true, pages.statusOf(error));
      }
      return redirect(next, sessionCookie(ctx, key));
    }),
  );
  app.post('/sign-out', (c) =>
    guarded(pages, c, null, async () => {
      checkOrigin(ctx, { origin: c.req.header('origin'), host: c.req.header('host') });
      return redirect('/sign-in', endedCookie(ctx));
    }),
  );
}

function answerForm(next: string, refused: boolean, status: number): Promise<Response> {
  return answerPage(
    <Page frame={{ section: 'none', title: 'Sign in', project: null, open: false }}>
      <SignInForm next={next} refused={refused} />
    </Page>,
    status,
  );
}

/** 303: the browser asks for the next page with GET. */
const redirect = (location: string, cookie: string): Response =>
  new Response(null, { status: 303, headers: { location, 'set-cookie': cookie, 'cache-control': 'no-store' } });

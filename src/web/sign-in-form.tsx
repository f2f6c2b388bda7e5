/** Asks for an API key; the browser gets a sealed cookie in exchange. */
export function SignInForm({ next, refused }: { next: string; refused: boolean }) {
  return (
    <section class="card sign-in">
      <h1>Sign in</h1>
      <p class="soft">This service asks for an API key. Yours opens the pages of its own project.</p>
      {refused && (
        <p class="refused" role="alert">
          This key is not known, has expired or was revoked.
        </p>
      )}
      <form method="post" action="/sign-in">
        <input type="hidden" name="next" value={next} />
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          placeholder="tmk_…"
          autocomplete="current-password"
          required
          spellcheck={false}
        />
        <button type="submit">Sign in</button>
      </form>
    </section>
  );
}

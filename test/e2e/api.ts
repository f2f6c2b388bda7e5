/** Calls as `curl` makes them; every answer that is not 2xx is an error with the problem in it. */
export type Api = {
  readonly get: <T = Json>(path: string) => Promise<T>;
  readonly post: <T = Json>(path: string, body: unknown, headers?: Record<string, string>) => Promise<T>;
  readonly put: <T = Json>(path: string, body: unknown) => Promise<T>;
  readonly patch: <T = Json>(path: string, body: unknown) => Promise<T>;
};

// What a test reads of an answer it asserts; the shapes themselves are checked where they are made.
// biome-ignore format: one line says it
export type Json = { readonly [name: string]: JsonValue };
type JsonValue = string | number | boolean | null | readonly JsonValue[] | Json;

export function createApi(url: string): Api {
  const call = async <T>(method: string, path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(url + path, { method, ...init });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 2000)}`);
    // The caller names what it expects, and asserts it.
    return JSON.parse(text === '' ? 'null' : text) as T;
  };
  const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    body instanceof Uint8Array || typeof body === 'string'
      ? { method, path, init: { body, headers } }
      : {
          method,
          path,
          init: { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } },
        };
  return {
    get: (path) => call('GET', path),
    post: (path, body, headers) => {
      const { init } = send('POST', path, body, headers);
      return call('POST', path, init);
    },
    put: (path, body) => call('PUT', path, send('PUT', path, body).init),
    patch: (path, body) => call('PATCH', path, send('PATCH', path, body).init),
  };
}

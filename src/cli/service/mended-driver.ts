import { registerHooks } from 'node:module';

/** A text of the driver's source, and what stands there instead. */
type Mend = readonly [text: string, instead: string];

/**
 * What ends, halves or mixes up the work of a service that loses its database, in postgres.js 3.4.9:
 *
 * - A flush that was planned when the connection closed is cancelled but remembered as planned, so that the connection
 *   never flushes again: what it is given after it has come back waits for ever.
 * - A flush without a socket throws in a turn of its own, where nobody can catch it: the process ends.
 * - A transaction whose connection has closed goes on with it when the pool has opened it anew for others: its
 *   statements commit one by one, and its `rollback` undoes what is another's.
 * - What is given to a connection between its socket's error and its end is neither sent nor rejected. When the
 *   connection has come back, the answers to others are taken for its own: each statement gets the rows of the one
 *   after it, and the last one waits for ever. A number of rows that was being counted goes on as well.
 * - A connection that closes before it was ready is opened again at once, without end: while a proxy stands before a
 *   database that is down, statements wait instead of failing.
 * - A statement that cannot be written, behind others on its connection, rejects the first of those, and is taken for
 *   sent: it gets the rows of the one after it, and so on.
 * - Nobody sees that a server has not been heard of: connections are shown with since when they wait for an answer, so
 *   that those whose answer will never come can be ended (`silent-connections.ts`).
 */
const MENDS: Readonly<Record<string, readonly Mend[]>> = {
  'connection.js': [
    [
      '    count: 0,\n',
      `    count: 0,
    closes: 0,
    backend,
    waitingSince: () => (query === null && !(terminated && socket) ? null : heard),
    cut: () => socket && socket.destroy(),
`,
    ],
    ['  let socket = null\n', '  let heard = 0\n    , socket = null\n'],
    ['  function data(x) {\n', '  function data(x) {\n    heard = performance.now()\n'],
    ['(query = q, query.active = true)', '(query = q, query.active = true, heard = performance.now())'],
    ['    clearImmediate(nextWriteTimer)\n', '    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n'],
    ['    socket = null\n\n', '    socket = null\n    connection.closes++\n    abandon()\n\n'],
    [
      '    if (initial)\n      return reconnect()\n\n',
      `    if (initial && options.host.length > 1)
      return reconnect()

    initial && !hadError && options.shared.retries++
    initial && (queryError(initial, Errors.connection('CONNECTION_CLOSED', options)), initial = null)
`,
    ],
    [
      '  async function closed(hadError) {\n',
      `  function abandon() {
    const lost = Errors.connection('CONNECTION_CLOSED', options)
    stream && (stream.destroy(lost), stream = null)
    query && queryError(query, lost)
    while (sent.length)
      queryError(sent.shift(), lost)
    query = results = errorResponse = final = null
    result = new Result()
    rows = 0
    ended && (ended(), ending = ended = null)
  }

  async function closed(hadError) {
`,
    ],
    ['        return fetchArrayTypes()\n', '        return fetchArrayTypes().catch(noop)\n'],
    [
      '    } catch (error) {\n      sent.length === 0 && write(Sync)\n',
      `    } catch (error) {
      if (query !== q) {
        sent.remove(q)
        queryError(q, error)
        return true
      }
      sent.length === 0 && write(Sync)
`,
    ],
    [
      '  function nextWrite(fn) {\n',
      `  function nextWrite(fn) {
    if (socket === null) {
      clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      return false
    }
`,
    ],
  ],
  'index.js': [
    [
      '    largeObject: largeObject.bind(null, sql),\n',
      `    largeObject: largeObject.bind(null, sql),
    get connections() { return listen.sql ? connections.concat(listen.sql.connections) : connections },
`,
    ],
    ['      , connection\n      , prepare = null\n', '      , connection\n      , closes\n      , prepare = null\n'],
    ['      connection = c\n', '      connection = c\n      closes = c.closes\n'],
    [
      '        q.catch(e => uncaughtError || (uncaughtError = e))\n',
      `        q.catch(e => uncaughtError || (uncaughtError = e))
        if (c.closes !== closes)
          return q.reject(Errors.connection('CONNECTION_CLOSED', options))
`,
    ],
  ],
};

const DRIVER = /\/node_modules\/postgres\/src\/(connection|index)\.js$/;

/** @throws Error where the source is not the one that was mended: another version of the driver is there. */
export function mend(file: string, source: string): string {
  return (MENDS[file] ?? []).reduce((text, [before, after]) => {
    if (!text.includes(before)) throw new Error(`The driver's ${file} is another one: look whether it needs mending.`);
    return text.replaceAll(before, after);
  }, source);
}

/** Import this before anything that imports the driver, and what does so dynamically. */
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const file = DRIVER.exec(url)?.[1];
    if (file === undefined || loaded.source == null) return loaded;
    // Node reads files as bytes, and the source of a module that another hook has seen may be text.
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: mend(`${file}.js`, source) };
  },
});

/** Streams one file to whoever asks, unverified: `bare-server.ts <file>`. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream';

const file = process.argv[2] ?? '';

const server = createServer((_request, response) => {
  response.setHeader('content-length', statSync(file).size);
  pipeline(createReadStream(file, { highWaterMark: 256 * 1024 }), response, () => {});
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});
process.on('disconnect', () => process.exit(0));

import type { OnReadOpts, Socket } from 'node:net';

const READ_BYTES = 256 * 1024;

/**
 * An option for agents that has all their sockets read into one piece of memory. What the parser of HTTP hands on is a
 * copy in any case, and memory for each read is as much again that V8 has to look for: of large bodies that took more
 * time than all the rest. Not for TLS, which hands on what it has deciphered, in memory of its own.
 */
export function readAgain(): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(this: Socket, count: number, memory: Uint8Array) {
      // As a socket does that reads into memory of its own; whoever listens is done with it when this returns.
      this.emit('data', memory.subarray(0, count));
      return true;
    },
  };
}

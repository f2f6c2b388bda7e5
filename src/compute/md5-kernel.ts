import { existsSync, readFileSync } from 'node:fs';

/** Four lanes are one vector; eight are two, of which one takes its step while the other waits for its last. */
const VECTOR = 4;
export const LANES = 2 * VECTOR;
/** As many bytes as the kernel has room for in a lane. */
export const LANE_BYTES = 32 * 1024;
export const BLOCK = 64;
export const STATE_BYTES = 16;
/** The state that a stream begins with: the words of RFC 1321, 3.3, each with its low byte first. */
export const BEGINNING = Buffer.from('0123456789abcdeffedcba9876543210', 'hex');

export type Md5Kernel = {
  /** Takes so many blocks of the first `lanes`, from block `first` of each on, into their states. */
  readonly update: (lanes: number, first: number, count: number) => void;
  /** The bytes of the lanes, `LANE_BYTES` each. */
  readonly bytes: Buffer;
  /** The state of each lane, `STATE_BYTES` each; at its end the digest. */
  readonly states: Buffer;
};

let made: Md5Kernel | null = null;

/** What `kernels/md5.ts` compiles to; its memory is the thread's own. */
export function md5Kernel(): Md5Kernel {
  made ??= load();
  return made;
}

/** The compiled kernel lies beside this file where that is built, and in the build where it is run from its source. */
function load(): Md5Kernel {
  const places = ['./kernels/md5.wasm', '../../dist/src/compute/kernels/md5.wasm'];
  const file = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  if (file === undefined) throw new Error('the kernel of MD5 is not built');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
  // What `kernels/md5.ts` exports.
  const { memory, update1, update4, update8, bytes, states } = exports as {
    memory: { buffer: ArrayBuffer };
    update1: Update;
    update4: Update;
    update8: Update;
    bytes: { value: number };
    states: { value: number };
  };
  return {
    update: (lanes, first, count) => {
      const update = lanes === 1 ? update1 : lanes <= VECTOR ? update4 : update8;
      update(first, count);
    },
    bytes: Buffer.from(memory.buffer, bytes.value, LANES * LANE_BYTES),
    states: Buffer.from(memory.buffer, states.value, LANES * STATE_BYTES),
  };
}

type Update = (first: number, count: number) => void;

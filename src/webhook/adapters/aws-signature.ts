import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import type { Request } from './adapter.ts';

export type AwsSigning = {
  readonly service: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** When it is sent: AWS refuses what is more than a few minutes old. */
  readonly at: Date;
};

/** Signs a request with the signature version 4 of AWS: every header that it has, and the host. */
export async function signAws(request: Request, { service, region, credentials, at }: AwsSigning): Promise<Request> {
  // Loaded by the first request: most services never call AWS this way.
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const { protocol, host, hostname, pathname, searchParams } = new URL(request.url);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false });
  const { method, body } = request;
  const query = Object.fromEntries(searchParams);
  const headers = { ...request.headers, host };
  const asked = { method, protocol, hostname, path: pathname, query, headers, body: body ?? '' };
  const signed = await signer.sign(asked, { signingDate: at });
  // The connection says the host itself, and the same.
  const { host: _, ...sent } = signed.headers;
  return { ...request, headers: sent };
}

/** SHA-256, keyed or plain, in the form that the signer wants. */
class Sha256 {
  readonly #secret: string | ArrayBuffer | ArrayBufferView | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
    this.#hash = begin(secret);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = begin(this.#secret);
  }
}

function begin(secret: string | ArrayBuffer | ArrayBufferView | undefined): Hash | Hmac {
  if (secret === undefined) return createHash('sha256');
  if (typeof secret === 'string') return createHmac('sha256', secret);
  return createHmac(
    'sha256',
    ArrayBuffer.isView(secret) ? Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength) : Buffer.from(secret),
  );
}

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TidemarkError } from '../errors.ts';

/** Encrypts secrets at rest. `context` (tenant and row) is authenticated, so a sealed secret cannot be moved. */
export type SecretBox = {
  readonly seal: (plain: Uint8Array, context: string) => Uint8Array;
  /** @throws TidemarkError `internal` when the key or the context is not the one it was sealed with. */
  readonly open: (sealed: Uint8Array, context: string) => Uint8Array;
};

const VERSION = 1;

/** AES-256-GCM: version byte, 12-byte nonce, 16-byte tag, ciphertext. The key is SHA-256 of the key material. */
export function createSecretBox(material: string): SecretBox {
  const key = createHash('sha256').update(material).digest();
  return {
    seal: (plain, context) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
    },
    open: (sealed, context) => {
      try {
        if (sealed[0] !== VERSION) throw new Error(`unknown sealing version ${sealed[0]}`);
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13)).setAAD(Buffer.from(context));
        decipher.setAuthTag(sealed.subarray(13, 29));
        return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()]);
      } catch (cause) {
        throw new TidemarkError('internal', 'A stored secret cannot be opened with the configured secret key.', {
          cause,
        });
      }
    },
  };
}

/** The key material: the configured one, or one that is made once and kept in the data directory. */
export async function loadKeyMaterial(configured: string | undefined, dataDirectory: string): Promise<string> {
  if (configured !== undefined) return configured;
  const file = join(dataDirectory, 'secret.key');
  const made = randomBytes(32).toString('base64');
  try {
    await writeFile(file, made, { mode: 0o600, flag: 'wx' });
    return made;
  } catch {
    return (await readFile(file, 'utf8')).trim();
  }
}

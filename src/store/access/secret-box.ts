import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TidemarkError } from '../../errors.ts';

/** Encrypts secrets at rest. `context` (tenant and row) is authenticated, so a sealed secret cannot be moved. */
export type SecretBox = {
  readonly seal: (plain: Uint8Array, context: string) => Uint8Array;
  /** @throws TidemarkError `internal` when the key or the context is not the one it was sealed with. */
  readonly open: (sealed: Uint8Array, context: string) => Uint8Array;
};

const VERSION = 1;
/** A shorter tag is easier to guess, and Node takes one unless it is told. */
const TAG = { authTagLength: 16 } as const;

/** AES-256-GCM: version byte, 12-byte nonce, 16-byte tag, ciphertext. The key is SHA-256 of the key material. */
export function createSecretBox(material: string): SecretBox {
  const key = createHash('sha256').update(material).digest();
  return {
    seal: (plain, context) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, TAG).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
    },
    open: (sealed, context) => {
      try {
        if (sealed[0] !== VERSION) throw new Error(`unknown sealing version ${sealed[0]}`);
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13), TAG).setAAD(Buffer.from(context));
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

/**
 * The key material: the configured one, or one that is made once and kept in the data directory.
 * @throws TidemarkError `invalid-configuration` when it can be neither read nor kept.
 */
export async function loadKeyMaterial(configured: string | undefined, dataDirectory: string): Promise<string> {
  if (configured !== undefined) return configured;
  const file = join(dataDirectory, 'secret.key');
  try {
    const kept = (await readKept(file)) ?? (await keep(file, randomBytes(32).toString('base64')));
    if (kept.length < 32) throw new Error(`it holds ${kept.length} characters`);
    return kept;
  } catch (cause) {
    throw new TidemarkError(
      'invalid-configuration',
      `The secret key in ${file} cannot be used: ${cause instanceof Error ? cause.message : 'unknown'}. Restore it, or give one with TIDEMARK_SECRET_KEY; what was sealed with a lost key is lost.`,
      { cause },
    );
  }
}

async function readKept(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Writes it aside and gives it its name at once: nobody reads half of it, and of several writers one wins. */
async function keep(file: string, made: string): Promise<string> {
  const aside = `${file}.${randomUUID()}`;
  const handle = await open(aside, 'wx', 0o600);
  try {
    await handle.writeFile(made);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(aside, file);
    return made;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return (await readKept(file)) ?? '';
  } finally {
    await rm(aside, { force: true });
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

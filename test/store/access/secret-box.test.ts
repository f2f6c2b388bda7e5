import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretBox, loadKeyMaterial } from '../../../src/store/access/secret-box.ts';

const MATERIAL = 'key material that is long enough for the box';
const box = createSecretBox(MATERIAL);
const plain = Buffer.from('whsec of somebody');
const WRONG = { code: 'internal' };

describe('a secret box', () => {
  it('opens what it sealed, also after a restart, and seals differently each time', () => {
    const sealed = box.seal(plain, 'project 1, endpoint 2');
    expect(Buffer.from(createSecretBox(MATERIAL).open(sealed, 'project 1, endpoint 2'))).toEqual(plain);
    expect(Buffer.from(sealed).includes(plain)).toBe(false);
    expect(Buffer.from(box.seal(plain, 'x'))).not.toEqual(Buffer.from(box.seal(plain, 'x')));
    expect(sealed).toHaveLength(29 + plain.length);
    expect(box.open(box.seal(new Uint8Array(0), ''), '')).toHaveLength(0);
  });

  it('opens nothing elsewhere, and nothing with another key', () => {
    const sealed = box.seal(plain, 'project 1');
    expect(() => box.open(sealed, 'project 2')).toThrow(expect.objectContaining(WRONG));
    const other = createSecretBox(`${MATERIAL}.`);
    expect(() => other.open(sealed, 'project 1')).toThrow(expect.objectContaining(WRONG));
  });

  it('notices each changed byte and each missing one', () => {
    const sealed = box.seal(plain, 'c');
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => box.open(changed, 'c')).toThrow(expect.objectContaining(WRONG));
      expect(() => box.open(sealed.subarray(0, i), 'c')).toThrow(expect.objectContaining(WRONG));
    }
  });
});

describe('the key material', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is the configured one, of which nothing is written', async () => {
    expect(await loadKeyMaterial(MATERIAL, folder)).toBe(MATERIAL);
    await expect(stat(join(folder, 'secret.key'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is made once, for the owner alone, whoever asks at the same time', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => loadKeyMaterial(undefined, folder)));
    expect(new Set(made).size).toBe(1);
    expect(Buffer.from(made[0] ?? '', 'base64')).toHaveLength(32);
    expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'secret.key'), 'utf8')).toBe(made[0]);
  });

  it('is no empty file that a full disk left', async () => {
    await writeFile(join(folder, 'secret.key'), '\n');
    await expect(loadKeyMaterial(undefined, folder)).rejects.toMatchObject({ code: 'invalid-configuration' });
  });

  it('says where it cannot be kept', async () => {
    const missing = join(folder, 'none');
    await expect(loadKeyMaterial(undefined, missing)).rejects.toMatchObject({ code: 'invalid-configuration' });
  });
});

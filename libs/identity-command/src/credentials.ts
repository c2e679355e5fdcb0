// The two halves of a credential, made and read as wskadmin does. Pure but for the randomness of what is made.
import { randomBytes, randomInt } from 'node:crypto';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const keyLength = 64;

export interface Credential {
  readonly uuid: string;
  readonly key: string;
}

export function newKey(): string {
  return Array.from({ length: keyLength }, () => letters[randomInt(letters.length)]!).join('');
}

export function newUuid(): string {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A sentence of wskadmin's if it is none. */
export function readCredential(text: string): Credential | string {
  const [uuid = '', key] = text.split(':', 2);
  if (key === undefined) return `failed to determine authorization id and key: ${uuid}`;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) return 'authorization id is not a valid UUID';
  if (key.length < keyLength) return 'authorization key must be at least 64 characters long';
  if (!/^[A-Za-z0-9]{64}$/.test(key)) return 'authorization key must be 64 letters and digits';
  return { uuid: uuid.toLowerCase(), key };
}

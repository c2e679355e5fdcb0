// Versions of entities: major.minor.patch, read leniently ("1" is 1.0.0), never 0.0.0.
import { messages } from './messages';
import { rejections } from './rejections';

export const firstVersion = '0.0.1';

const partMax = 2_147_483_647;

/** The `version` of a request body; undefined if it was not given. */
export function readVersion(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw rejections.malformed(messages.versionMalformed);
  const [major = '0', minor = '0', patch = '0'] = value.split('.');
  const parts = [major, minor, patch];
  const isVersion = parts.every((part) => /^\+?\d+$/.test(part) && Number(part) <= partMax);
  if (!isVersion || parts.every((part) => Number(part) === 0)) throw rejections.malformed(messages.versionMalformed);
  return parts.map(Number).join('.');
}

/** What an update gets that names no version: one patch more. */
export function nextVersion(version: string): string {
  const [major, minor, patch] = version.split('.').map(Number);
  return `${major}.${minor}.${patch! + 1}`;
}

// Seals what must rest in the database (API keys of the durable queue and of subjects, values of parameters), so that a leak of the database gives
// nothing usable: AES-256-GCM under a key that is derived from a secret.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/** What is sealed for one purpose opens for no other. */
export type SealPurpose = 'queued invocations' | 'subjects' | 'parameters';

export class Seal {
  private readonly key: Buffer;

  constructor(secret: string | Buffer, purpose: SealPurpose = 'queued invocations') {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', `hearth ${purpose}`, 32));
  }

  /** `place` is where the text belongs: sealed there, it opens nowhere else. */
  seal(text: string, place = ''): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Throws if it was sealed under another secret or for another place, or changed. */
  open(text: string, place = ''): string {
    const bytes = Buffer.from(text, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
  }
}

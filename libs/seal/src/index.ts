// Seals API keys that must rest in the database (those of the durable queue, those of subjects), so that a leak of the database gives no usable
// key: AES-256-GCM under a key that is derived from the cluster secret.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/** What is sealed for one purpose opens for no other. */
export type SealPurpose = 'queued invocations' | 'subjects';

export class Seal {
  private readonly key: Buffer;

  constructor(clusterSecret: string, purpose: SealPurpose = 'queued invocations') {
    this.key = Buffer.from(hkdfSync('sha256', clusterSecret, '', `hearth ${purpose}`, 32));
  }

  seal(text: string): string {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Throws if it was sealed under another secret or changed. */
  open(text: string): string {
    const bytes = Buffer.from(text, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
  }
}

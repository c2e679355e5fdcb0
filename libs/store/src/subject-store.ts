// The seam of subjects: who has which namespace and key. Keys are stored as salted or plain hashes only, so that a database
// leak gives no usable key: `authenticate` compares in constant time.
import type { Identity, NamespaceLimits } from '#entity';

export interface SubjectWrite {
  readonly subject: string;
  readonly namespace: string;
  /** UUID text. */
  readonly uuid: string;
  /** 64 characters. */
  readonly key: string;
}

export interface SubjectStore {
  /** undefined: unknown uuid, wrong key or blocked subject. */
  authenticate(uuid: string, key: string): Promise<Identity | undefined>;
  /**
   * In whose name something of this namespace runs when nobody has authenticated: a web action, an alarm. undefined: the namespace belongs to
   * nobody, or to blocked subjects only. The subject that is called like the namespace goes first. Its `apiKey` is empty: only hashes are kept.
   */
  ofNamespace(namespace: string): Promise<Identity | undefined>;
  /** Inserts if absent; what is there stays. */
  seed(write: SubjectWrite, limits?: NamespaceLimits): Promise<void>;
  /** Sets limits of a namespace. */
  setLimits(namespace: string, limits: NamespaceLimits): Promise<void>;
}

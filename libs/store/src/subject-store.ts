// The seam of subjects: who has which namespaces, with which key each, and what a namespace may do.
//
// Guarantees: a key is stored as a salted hash only, so that a leak of the database gives no usable key; `authenticate` compares in constant
// time. Beside the hash there may be the key as its owner sealed it, under a secret that is not in the database: that text is
// kept as given. A subject exists as long as it has a namespace. Limits belong to a namespace and outlive its subjects.
import type { Identity, NamespaceLimits } from '#entity';

export interface SubjectWrite {
  readonly subject: string;
  readonly namespace: string;
  /** UUID text. */
  readonly uuid: string;
  /** 64 characters. */
  readonly key: string;
  /** `uuid:key`, sealed; without it the key is known to nobody but its owner. */
  readonly sealedKey?: string | undefined;
}

/** One credential: a subject's for a namespace. */
export interface StoredCredential {
  readonly subject: string;
  readonly namespace: string;
  readonly uuid: string;
  readonly sealedKey: string | undefined;
}

export interface StoredSubject {
  readonly isBlocked: boolean;
  /** By namespace; at least one. */
  readonly credentials: readonly StoredCredential[];
}

/** The owner of a namespace, with an `apiKey` that is empty. */
export interface NamespaceOwner extends Identity {
  readonly sealedKey: string | undefined;
}

/** `blocked`: the subject is, and gets nothing new. `uuid-taken`: another credential has that uuid. */
export type CredentialWrite = 'written' | 'exists' | 'blocked' | 'uuid-taken';

export interface SubjectStore {
  /** undefined: unknown uuid, wrong key or blocked subject. */
  authenticate(uuid: string, key: string): Promise<Identity | undefined>;
  /**
   * In whose name something of this namespace runs when nobody has authenticated: a web action, an alarm. undefined: the namespace belongs to
   * nobody, or to blocked subjects only. The subject that is called like the namespace goes first. Its `apiKey` is empty: only hashes are kept.
   */
  ofNamespace(namespace: string): Promise<NamespaceOwner | undefined>;
  /** Inserts if absent; what is there stays. */
  seed(write: SubjectWrite, limits?: NamespaceLimits): Promise<void>;
  /** Gives a subject a credential for a namespace, and makes the subject if need be. With `replaces` the one that it has there ends. */
  create(write: SubjectWrite, replaces: boolean): Promise<CredentialWrite>;
  /** undefined: there is no such subject. */
  subject(subject: string): Promise<StoredSubject | undefined>;
  /** Credentials of a namespace whose subjects are not blocked, by subject. */
  credentialsOf(namespace: string): Promise<StoredCredential[]>;
  /** Ends a subject's credential for a namespace, or all that it has; answers how many. */
  remove(subject: string, namespace?: string): Promise<number>;
  /** False: there is no such subject. */
  setBlocked(subject: string, isBlocked: boolean): Promise<boolean>;
  /** undefined: the system's hold. */
  limitsOf(namespace: string): Promise<NamespaceLimits | undefined>;
  /** Sets limits of a namespace. */
  setLimits(namespace: string, limits: NamespaceLimits): Promise<void>;
  /** False: there were none. */
  removeLimits(namespace: string): Promise<boolean>;
}

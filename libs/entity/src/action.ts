// The action as the rest of Hearth sees it: what the REST API stores and what the data path needs to run it.

export interface KeyValue {
  key: string;
  value: unknown;
}

/** A parameter; `init` ones become environment variables at /init and are no arguments. */
export interface Parameter extends KeyValue {
  init?: true;
}

/** Units as in the API: milliseconds, MB, MB, runs per container. */
export interface ActionLimits {
  timeout: number;
  memory: number;
  logs: number;
  concurrency: number;
  instances?: number;
}

/** exec as stored with the action document: code lives apart, so that listing and caching never load it. */
export interface Exec {
  kind: string;
  /** Only for blackbox. */
  image?: string;
  main?: string;
  binary?: boolean;
  /** Only for sequences. */
  components?: string[];
}

/** What a warm invocation needs of an action. Immutable; a new revision is a new object. */
export interface ExecutableAction {
  /** Namespace that owns it. */
  readonly namespace: string;
  /** Package, or undefined for the default one. */
  readonly packageName: string | undefined;
  readonly name: string;
  /** namespace[/package]/name */
  readonly fullyQualifiedName: string;
  /** `namespace/package` of the binding by which it was named; undefined: by its own name. */
  readonly binding: string | undefined;
  readonly version: string;
  readonly revision: number;
  readonly exec: Exec;
  /** Non-init parameters, merged package < binding < action. */
  readonly parameters: readonly Parameter[];
  /** init:true parameters as environment variables. */
  readonly initEnvironment: Readonly<Record<string, string>>;
  /** Names that a payload may not define (annotation `final`). */
  readonly immutableParameters: ReadonlySet<string>;
  readonly limits: ActionLimits;
  readonly annotations: readonly KeyValue[];
  /** Whether the container gets the caller's API key (`provide-api-key` truthy or absent). */
  readonly providesApiKey: boolean;
  /** Whether it is run by running others; undefined for a plain one. */
  readonly composition: 'sequence' | 'conductor' | undefined;
  /** Runs are started again after a loss (annotation `hearth-retries`), 0 = never. */
  readonly retries: number;
}

// Bodies of /init and /run, composed as text: what never changes for an action is serialised once.
import type { ExecutableAction, Identity } from '#entity';

export interface RunContext {
  readonly activationId: string;
  readonly transactionId: string;
  /** Wall-clock milliseconds. */
  readonly deadlineMs: number;
}

/** Constant parts of every /run of one action by one identity. */
export class RunBodies {
  private readonly middle: string;
  private readonly end: string;

  constructor(
    private readonly action: ExecutableAction,
    private readonly identity: Identity,
  ) {
    const name = JSON.stringify(`/${action.fullyQualifiedName}`);
    this.middle = `,"namespace":${JSON.stringify(identity.namespace)},"action_name":${name},"action_version":"${action.version}","activation_id":"`;
    this.end = action.providesApiKey ? `","api_key":${JSON.stringify(identity.apiKey)}}` : '"}';
  }

  /** `value` is JSON text of an object. */
  run(value: string, { activationId, transactionId, deadlineMs }: RunContext): string {
    return `{"value":${value}${this.middle}${activationId}","transaction_id":${JSON.stringify(transactionId)},"deadline":"${deadlineMs}${this.end}`;
  }

  init(
    code: string | undefined,
    environment: Readonly<Record<string, string>>,
    { activationId, transactionId, deadlineMs }: RunContext,
  ): string {
    const { action, identity } = this;
    return JSON.stringify({
      value: {
        name: action.name,
        main: action.exec.main === undefined || action.exec.main === '' ? 'main' : action.exec.main,
        ...(code === undefined ? {} : { code }),
        binary: action.exec.binary ?? false,
        env: {
          ...environment,
          __OW_NAMESPACE: identity.namespace,
          __OW_ACTION_NAME: `/${action.fullyQualifiedName}`,
          __OW_ACTION_VERSION: action.version,
          __OW_ACTIVATION_ID: activationId,
          __OW_TRANSACTION_ID: transactionId,
          __OW_DEADLINE: String(deadlineMs),
          ...(action.providesApiKey ? { __OW_API_KEY: identity.apiKey } : {}),
        },
      },
    });
  }
}

// Composes activation records as JSON text, members in OpenWhisk's (alphabetical) order: what never changes for an action and a caller is
// serialised once, and the result is spliced in as the container wrote it.
//
// The same text answers a blocking call, goes to the journal and to the store; logs are added when it is read.
import {
  activationStatus,
  type ActivationStatusCode,
  type ExecutableAction,
  type Identity,
  keepsActivations,
  referenceOf,
  statusText,
} from '#entity';
import type { ActivationRow } from '#store';

/** What one run adds to the constant parts. Milliseconds; start is wall clock. */
export interface RunFacts {
  readonly activationId: string;
  readonly start: number;
  readonly duration: number;
  readonly waitTime: number;
  /** undefined: a warm start. */
  readonly initTime: number | undefined;
  readonly timedOut: boolean;
  readonly statusCode: ActivationStatusCode;
  readonly result: string;
  readonly size: number | undefined;
  /** Number of this attempt; undefined: its action did not ask for more than one. */
  readonly attempts?: number | undefined;
  /** Activation of the sequence or conductor that it is a part of. */
  readonly cause?: string | undefined;
}

const causedBySequence = '{"key":"causedBy","value":"sequence"},';

const causeText = ({ cause }: RunFacts): string => (cause === undefined ? '' : `"cause":"${cause}",`);

/** The constant parts for one action and caller. */
export class RecordTemplate {
  private readonly path: string;
  /** In front of the other annotations. */
  private readonly bindingText: string;
  private readonly kindText: string;
  private readonly limitsText: string;
  private readonly names: string;
  private readonly tail: string;

  constructor(
    readonly action: ExecutableAction,
    readonly identity: Identity,
  ) {
    const { concurrency, instances, logs, memory, timeout } = action.limits;
    this.path = JSON.stringify(action.fullyQualifiedName);
    this.bindingText =
      action.binding === undefined ? '' : `{"key":"binding","value":${JSON.stringify(action.binding)}},`;
    this.kindText = JSON.stringify(action.exec.kind);
    this.limitsText = JSON.stringify({
      concurrency,
      ...(instances === undefined ? {} : { instances }),
      logs,
      memory,
      timeout,
    });
    this.names = `"name":${JSON.stringify(action.name)},"namespace":${JSON.stringify(identity.namespace)},"publish":false`;
    this.tail = `,"subject":${JSON.stringify(identity.subject)},"version":${JSON.stringify(action.version)}}`;
  }

  annotations({
    waitTime,
    timedOut,
    initTime,
    attempts,
    cause,
  }: Pick<RunFacts, 'waitTime' | 'timedOut' | 'initTime' | 'attempts' | 'cause'>): string {
    const init = initTime === undefined ? '' : `,{"key":"initTime","value":${initTime}}`;
    const made = attempts === undefined ? '' : `,{"key":"hearth-attempts","value":${attempts}}`;
    const causedBy = cause === undefined ? '' : causedBySequence;
    return `[${causedBy}${this.bindingText}{"key":"path","value":${this.path}},{"key":"waitTime","value":${waitTime}},{"key":"kind","value":${this.kindText}},{"key":"timeout","value":${timedOut}},{"key":"limits","value":${this.limitsText}}${init}${made}]`;
  }

  /** The whole record. */
  record(run: RunFacts): string {
    const size = run.size === undefined ? '' : `,"size":${run.size}`;
    const success = run.statusCode === activationStatus.success;
    return `{"activationId":"${run.activationId}","annotations":${this.annotations(run)},${causeText(run)}"duration":${run.duration},"end":${run.start + run.duration},"logs":[],${this.names},"response":{"result":${run.result}${size},"status":"${statusText(run.statusCode)}","success":${success}},"start":${run.start}${this.tail}`;
  }

  /** What lists show of it. */
  summary(run: RunFacts): string {
    return `{"activationId":"${run.activationId}","annotations":${this.annotations(run)},${causeText(run)}"duration":${run.duration},"end":${run.start + run.duration},${this.names},"start":${run.start},"statusCode":${run.statusCode},"version":${JSON.stringify(this.action.version)}}`;
  }

  row(run: RunFacts, acceptedAt: number, record: string, settles: ActivationRow['settles']): ActivationRow {
    return {
      namespace: this.identity.namespace,
      activationId: run.activationId,
      acceptedAt,
      start: run.start,
      end: run.start + run.duration,
      name: this.action.name,
      packageName: referenceOf(this.action).packageName,
      statusCode: run.statusCode,
      summary: this.summary(run),
      record,
      ...(settles ? { settles } : {}),
      ...(keepsActivations(this.identity.limits) ? {} : { isUnkept: true }),
    };
  }
}

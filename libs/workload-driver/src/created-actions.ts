// The actions of a plan at the API host: made before the run, removed after it, whatever happened in between.
//
// Guarantees: an action that was there already is neither changed nor removed, since it may be another driver's; what was made is removed, also if the making failed half-way; what could
// not be removed is said.
import type { Plan } from '#workload';
import type { ApiAnswer, ApiClient } from './api-client';
import { DriverFailure } from './driver-failure';

/** Calls at once: making actions is not what is measured. */
const atOnce = 8;

export class CreatedActions {
  private readonly names = new Set<string>();

  constructor(
    private readonly api: ApiClient,
    private readonly prefix: string,
    private readonly code: string,
  ) {}

  get count(): number {
    return this.names.size;
  }

  /** Full name of an action of the plan. */
  nameOf(action: { readonly name: string }): string {
    return `${this.prefix}-${action.name}`;
  }

  /** Throws `DriverFailure`; `isStopped` ends it early. */
  async create(plan: Plan, isStopped: () => boolean): Promise<void> {
    const actions = plan.scenarios.flatMap(({ actions: own }) => own);
    await inParallel(actions, async (action) => {
      if (isStopped()) return;
      const { kind, memoryMb, timeoutMs, concurrency } = action;
      const name = this.nameOf(action);
      const limits = { memory: memoryMb, timeout: timeoutMs, ...(concurrency > 1 && { concurrency }) };
      const document = JSON.stringify({ exec: { kind, code: this.code }, limits });
      const answer = await this.api.call('PUT', `actions/${name}`, document);
      if (answer.status === 200) return void this.names.add(name);
      throw new DriverFailure(this.complaint(name, answer));
    });
  }

  /** Removes what was made; answers a sentence for what could not be. */
  async remove(): Promise<string | undefined> {
    const left: string[] = [];
    await inParallel([...this.names], async (name) => {
      const { status } = await this.api.call('DELETE', `actions/${name}`);
      if (status === 200 || status === 404) this.names.delete(name);
      else left.push(name);
    });
    if (left.length === 0) return undefined;
    return `${left.length} actions could not be removed (${left.slice(0, 3).join(', ')}${left.length > 3 ? ', …' : ''}); remove those that begin with ${this.prefix}- when the API host answers.`;
  }

  private complaint(name: string, { status, body, noAnswer }: ApiAnswer): string {
    if (noAnswer === 'unreachable')
      return `cannot reach the API host (${body}); is it running, and is --apihost right?`;
    if (noAnswer === 'descriptors') return `this process can open no more connections (${body}); raise \`ulimit -n\`.`;
    if (noAnswer) return `the API host did not answer the creation of ${name} (${body}).`;
    if (status === 409) {
      return `there is an action ${name} already: another driver runs with this prefix, or one was killed; choose another --prefix, or remove it.`;
    }
    if (status === 401 || status === 403)
      return `the API host does not accept the credential (${status}); give --auth or WORKLOAD_AUTH.`;
    return `${name} cannot be created: ${status} ${body.slice(0, 300)}`;
  }
}

/** The first failure ends it, once what is under way has ended. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: Error | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failure) {
      try {
        await work(items[next++]!);
      } catch (error) {
        failure ??= error as Error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (failure) throw failure;
}

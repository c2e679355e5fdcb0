// The load of a bench: the workload generator of `hearth workload` (#workload-driver), aimed at a contender with requests that are laid out beforehand.
//
// Guarantees: arrivals, users and popularity are planned by #workload like those of any workload file, from one seed, so two contenders are asked the same; connections are
// kept between two runs of one load; latencies count from when a request was due. It runs in the bench's own process, which does nothing else meanwhile.
import { PlainLoad, planWorkload, readWorkload, systemClock } from './libs.mjs';

/** Many enough for every open loop here; what exceeds them waits in the driver and is charged. */
const connectionsDefault = 64;
const waitingMost = 100_000;

/**
 * @typedef {{ key: string, name: string, endpoints: { host: string, port: number, isTls: boolean, isInsecure: boolean }[], requests: string[][] }} Contender
 * `requests` are whole HTTP requests by action, several of one action are sent in turn; see `post`.
 */

/** The variants of a request to a bare runtime: activation ids vary in life as well. */
const variants = 64;

/** A POST as it leaves. `{{id}}` in the body becomes 32 hexadecimal characters; answers so many texts as there are different ones. */
export function post(path, body, headers = {}) {
  const count = body.includes('{{id}}') ? variants : 1;
  return Array.from({ length: count }, (_, variant) => {
    const text = body.replaceAll('{{id}}', () => variant.toString(16).padStart(2, '0').repeat(16));
    const lines = { host: '127.0.0.1', 'content-type': 'application/json', ...headers, 'content-length': text.length };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST ${path} HTTP/1.1\r\n${head.join('')}\r\n${text}`;
  });
}

export const plainEndpoint = (port, host = '127.0.0.1') => ({ host, port, isTls: false, isInsecure: false });

export class Load {
  #load;
  #contender;

  /** @param {Contender} contender */
  constructor(contender, { connections = connectionsDefault, mark, windowMs, slackMs } = {}) {
    this.#contender = contender;
    const { endpoints, requests } = contender;
    this.#load = new PlainLoad({
      endpoints,
      requests,
      connectionsMost: connections,
      waitingMost,
      clock: systemClock,
      mark,
      windowMs,
      slackMs,
    });
  }

  /** Each of `users` sends its next request when it has the answer to its last. */
  closed({ users, seconds, popularity, requests }) {
    return this.#run({ closed: { users } }, { seconds, popularity, requests });
  }

  /** A fixed rate, whatever the answers do. */
  open({ perSecond, seconds, popularity, requests }) {
    return this.#run({ constant: { perSecond } }, { seconds, popularity, requests });
  }

  /** All at once. */
  burst({ size }) {
    return this.#run({ bursts: { size, everyMs: 3_600_000 } }, { requests: size, popularity: 'roundRobin' });
  }

  stop() {
    this.#load.stop();
  }

  close() {
    this.#load.close();
  }

  #run(arrivals, { seconds, popularity = 'uniform', requests }) {
    const scenario = {
      name: 'bench',
      actions: { count: this.#contender.requests.length, popularity },
      arrivals,
      ...(seconds !== undefined && { durationMs: Math.round(seconds * 1_000) }),
      ...(requests !== undefined && { requests }),
    };
    const read = readWorkload(JSON.stringify({ name: 'bench', scenarios: [scenario] }));
    if ('problems' in read && read.problems.length > 0) throw new Error(`bench: ${JSON.stringify(read.problems)}`);
    return this.#load.run(planWorkload(read.workload).scenarios[0]);
  }
}

/** One run with connections of its own. */
export async function once(contender, options, act) {
  const load = new Load(contender, options);
  try {
    return await act(load);
  } finally {
    load.close();
  }
}

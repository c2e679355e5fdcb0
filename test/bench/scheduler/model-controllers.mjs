// Controllers without clients: each asks for one container after the other over a real share-states stream, at a fixed rate whatever the
// answers do, and gives every container back as soon as it has it.
//
// Guarantee: a demand counts from when it was due, not from when it was sent, so a load that cannot keep up shows as latency.
import { createRequire } from 'node:module';
import { root } from './root.mjs';

const require = createRequire(`${root}/package.json`);
const { credentials } = require('@grpc/grpc-js');
const { bearerMetadata, protocolVersion, shareStates } = require('./dist/libs/protocol/src/index.js');

const keysPerController = 1_000;
const { ControllerMessage, Demand, Hello } = shareStates;

export class ModelController {
  /** Milliseconds from demand to grant, in the order of the grants. */
  latencies = [];
  /** Demands that found every key waiting still. */
  skipped = 0;
  #client;
  #call;
  #number = 0;
  #epoch = 0n;
  #seen = 0;
  #free;
  #dueMs = new Map();
  #ended;

  constructor({ scheduler, clusterSecret, id }) {
    this.id = id;
    this.#client = new shareStates.ShareStatesClient(scheduler, credentials.createInsecure());
    this.#call = this.#client.connect(bearerMetadata(clusterSecret));
    this.#free = Array.from({ length: keysPerController }, (_, at) => `guest|guest/${id}-${at}|1`);
    const controller = { controllerId: id, incarnation: 1n, generation: 1, protocolVersion };
    this.welcomed = new Promise((resolve, reject) => {
      this.#call.on('data', (message) => this.#hear(message, resolve));
      this.#call.on('error', (error) => (this.#ended ? undefined : reject(error)));
    });
    this.#say({ $case: 'hello', value: Hello.fromPartial(controller) });
  }

  /** One that was due at that time. */
  ask(dueMs) {
    const actionKey = this.#free.pop();
    if (actionKey === undefined) {
      this.skipped += 1;
      return;
    }
    this.#dueMs.set(actionKey, dueMs);
    this.#demand(actionKey, 1);
  }

  get waiting() {
    return this.#dueMs.size;
  }

  stop() {
    this.#ended = true;
    this.#call.cancel();
    this.#client.close();
  }

  #demand(actionKey, waiting) {
    const asked = { actionKey, waiting, kind: 'nodejs:20', memoryMb: 128, concurrency: 1, lastSeen: this.#seen };
    this.#say({ $case: 'demand', value: Demand.fromPartial({ ...asked, logLimitMb: 10 }) });
  }

  #say(body) {
    this.#number += 1;
    this.#call.write(ControllerMessage.create({ number: this.#number, epoch: this.#epoch, body }));
  }

  #hear({ number, epoch, body }, welcome) {
    this.#seen = number;
    this.#epoch = epoch;
    if (body.$case === 'welcome') return welcome();
    if (body.$case !== 'grant') return;
    const { actionKey, grantId, container } = body.value;
    this.latencies.push(performance.now() - this.#dueMs.get(actionKey));
    this.#dueMs.delete(actionKey);
    this.#demand(actionKey, 0);
    this.#say({ $case: 'drained', value: { containerId: container.id, grantId } });
    this.#free.push(actionKey);
  }
}

// Agents without containers: the routes that a scheduler uses, over real HTTP, a fixed time for each creation, and a heartbeat every second.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { root } from './root.mjs';

const require = createRequire(`${root}/package.json`);
const { credentials } = require('@grpc/grpc-js');
const { bearerMetadata, epochHeader, heartbeat, protocolVersion } = require('./dist/libs/protocol/src/index.js');

const heartbeatMs = 1_000;
const nodeMemoryMb = 262_144;
const parallelCreations = 64;

export class ModelAgents {
  #agents = [];
  #beating;
  #client;

  constructor({ scheduler, clusterSecret, count, creationMs }) {
    this.creationMs = creationMs;
    this.metadata = bearerMetadata(clusterSecret);
    this.#client = new heartbeat.NodesClient(scheduler, credentials.createInsecure());
    for (let at = 0; at < count; at += 1) this.#agents.push(new ModelAgent(`node${at}`, creationMs));
  }

  /** Resolves when the scheduler leads and has heard of each. */
  async start(withinMs) {
    await Promise.all(this.#agents.map((agent) => agent.listen()));
    const until = performance.now() + withinMs;
    for (;;) {
      const errors = (await Promise.all(this.#beat())).filter((error) => error !== null);
      if (errors.length === 0) break;
      if (performance.now() > until) throw errors[0];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.#beating = setInterval(() => this.#beat(), heartbeatMs);
  }

  #beat() {
    return this.#agents.map(
      (agent) => new Promise((resolve) => this.#client.heartbeat(agent.heartbeat, this.metadata, resolve)),
    );
  }

  get created() {
    return this.#agents.reduce((sum, { created }) => sum + created, 0);
  }

  async stop() {
    clearInterval(this.#beating);
    this.#client.close();
    await Promise.all(this.#agents.map((agent) => agent.close()));
  }
}

class ModelAgent {
  created = 0;
  #nodeId;
  #creationMs;
  #containers = new Map();
  #server = createServer((request, response) => this.#serve(request, response));

  constructor(nodeId, creationMs) {
    this.#nodeId = nodeId;
    this.#creationMs = creationMs;
  }

  listen() {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  get heartbeat() {
    return heartbeat.HeartbeatRequest.fromPartial({
      nodeId: this.#nodeId,
      incarnation: 1n,
      agentUrl: `http://127.0.0.1:${this.#server.address().port}`,
      protocolVersion,
      memoryMb: nodeMemoryMb,
      kinds: ['nodejs:20'],
      driver: 'bench',
      parallelCreations,
    });
  }

  #serve(request, response) {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const id = request.url.split('/')[2];
      if (request.method === 'GET') return answer(response, 200, this.#inventory(request.headers[epochHeader]));
      if (request.method === 'POST')
        return void setTimeout(() => this.#create(JSON.parse(body), response), this.#creationMs);
      if (request.method === 'DELETE') this.#containers.delete(id);
      answer(response, 204);
    });
  }

  #create({ id, kind, memoryMb, concurrency, note }, response) {
    this.created += 1;
    const addresses = { container: '127.0.0.1:1' };
    this.#containers.set(id, { id, kind, memoryMb, concurrency, note, state: 'running', addresses });
    answer(response, 201, { id, addresses });
  }

  #inventory(epoch) {
    const containers = [...this.#containers.values()];
    return { nodeId: this.#nodeId, incarnation: '1', epoch, memoryMb: nodeMemoryMb, containers, lapsed: [] };
  }
}

function answer(response, status, content) {
  if (content === undefined) return void response.writeHead(status).end();
  const text = JSON.stringify(content);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

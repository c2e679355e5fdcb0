// The other controllers, as this one forwards to them: a thin shell around forwarding.ts over kept HTTP connections.
//
// Guarantees: what was chosen is written at once on a connection of its own or refused, never queued, since the choice counts connections;
// a connection that cannot be made in `peerConnectMs` is a refusal; the connections to a peer that is no longer needed are closed.
import { Pool } from 'undici';
import { bearerHeader } from '#protocol';
import type { Seal } from '#seal';
import type { DataPath } from './data-path';
import { ForwardCall, type ForwardOutcome } from './forward-call';
import { forwardText, headBytesMax, refusedStatus } from './forward-format';
import type { Invocation } from './invocation';

interface Peer {
  readonly pool: Pool;
  underWay: number;
  usedAt: number;
}

export class ForwardPeers {
  private readonly peers = new Map<string, Peer>();
  private readonly authorization: string;
  private complaint = '';

  constructor(
    private readonly path: DataPath,
    secret: string,
    private readonly seal: Seal,
  ) {
    this.authorization = bearerHeader(secret);
    path.forward = (address, invocation) => this.forward(address, invocation);
  }

  /** Time passed. */
  tick(now: number): void {
    for (const [address, { pool, underWay, usedAt }] of this.peers) {
      if (underWay > 0 || now - usedAt < this.path.limits.idleConnectionMs) continue;
      this.peers.delete(address);
      void pool.destroy();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.peers.values()].map(({ pool }) => pool.destroy()));
    this.peers.clear();
  }

  private forward(address: string, invocation: Invocation): void {
    const { path } = this;
    let peer: Peer;
    try {
      peer = this.peerAt(address);
    } catch (error) {
      return this.ended(address, invocation, { end: 'refused', why: `no address: ${String(error)}` }, 0);
    }
    const now = path.clock.now();
    peer.underWay += 1;
    peer.usedAt = now;
    const call = new ForwardCall(invocation.activationId, this.timeoutMs(invocation, now), (outcome) => {
      peer.underWay -= 1;
      peer.usedAt = path.clock.now();
      this.ended(address, invocation, outcome, peer.usedAt - now);
    });
    peer.pool.dispatch(
      {
        path: '/forward',
        method: 'POST',
        headers: { authorization: this.authorization, 'content-type': 'text/plain; charset=utf-8' },
        body: this.text(invocation, now),
      },
      call,
    );
  }

  private ended(address: string, invocation: Invocation, outcome: ForwardOutcome, tookMs: number): void {
    const { path } = this;
    const { end, why, activation } = outcome;
    // 421 is how a hint is too late; everything else that is not kept is a fault. Said once for each cause.
    const isExpected = end === 'kept' || why === `status ${refusedStatus}`;
    const complaint = isExpected ? '' : `forwarding to ${address}: ${end} (${why})`;
    if (complaint !== '' && complaint !== this.complaint) path.logger.warn(complaint);
    this.complaint = complaint;
    path.forwardEnded(invocation, address, end, activation, tookMs);
  }

  private peerAt(address: string): Peer {
    let peer = this.peers.get(address);
    if (!peer) {
      const { peerConnectionsCount, peerConnectMs, payloadBytes, idleConnectionMs } = this.path.limits;
      const pool = new Pool(`http://${address}`, {
        connections: peerConnectionsCount,
        pipelining: 1,
        connect: { timeout: peerConnectMs },
        // This side closes first, so that no request meets a connection that is being closed.
        keepAliveTimeout: idleConnectionMs / 2,
        keepAliveMaxTimeout: idleConnectionMs / 2,
        headersTimeout: 0,
        bodyTimeout: 0,
        maxResponseSize: payloadBytes + headBytesMax,
      });
      this.peers.set(address, (peer = { pool, underWay: 0, usedAt: 0 }));
    }
    return peer;
  }

  /** What is left of its wait, and its action's own limits. */
  private timeoutMs({ acceptedAt, waitLimitMs, template }: Invocation, now: number): number {
    const { timeout } = template.action.limits;
    const remainingMs = Math.max(0, acceptedAt + waitLimitMs - now);
    return Math.ceil(remainingMs + Math.min(timeout, this.path.limits.initTimeoutMs) + timeout);
  }

  private text(invocation: Invocation, now: number): string {
    const { activationId, transactionId, acceptedAt, waitLimitMs, payload, template, cause } = invocation;
    const { action, identity } = template;
    const { namespace, packageName, name, binding, revision } = action;
    const { subject, uuid, limits: own } = identity;
    return forwardText({
      head: {
        activationId,
        transactionId,
        waitedMs: Math.max(0, Math.round(now - acceptedAt)),
        remainingMs: Math.max(0, Math.round(acceptedAt + waitLimitMs - now)),
        action: {
          namespace,
          ...(packageName === undefined ? {} : { packageName }),
          name,
          ...(binding === undefined ? {} : { binding }),
          revision,
        },
        ...(cause === undefined ? {} : { cause }),
        identity: { subject, namespace: identity.namespace, uuid, limits: own },
        ...(action.providesApiKey ? { sealedKey: this.seal.seal(identity.apiKey) } : {}),
      },
      payload: payload.text,
    });
  }
}

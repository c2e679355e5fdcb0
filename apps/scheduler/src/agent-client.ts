// One HTTP command to one agent: bearer token, epoch, time-out. Translates every answer into a value or an AgentFailure, so that
// nothing above knows HTTP. What is not the agent's clear word is `unreachable`; a refused connection is `absent`.
import { Agent } from 'undici';
import { z } from 'zod';
import { agentErrorCodes, bearerHeader, epochHeader, type Inventory, noteSchema } from '#protocol';
import { AgentCall, type Reply } from './agent-call';
import type { AgentFailure } from './core/effects';

const addressesSchema = z.object({
  container: z.string().optional(),
  published: z.string().optional(),
  proxy: z.string().optional(),
  unixSocket: z.string().optional(),
});

export const createdSchema = z.object({ id: z.string(), addresses: addressesSchema });

const decimal = z.string().regex(/^\d{1,19}$/);
export const inventorySchema = z.object({
  nodeId: z.string(),
  incarnation: decimal,
  epoch: decimal,
  memoryMb: z.number(),
  containers: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      image: z.string().optional(),
      memoryMb: z.number(),
      concurrency: z.number(),
      state: z.enum(['creating', 'running', 'suspended', 'exited', 'removing']),
      note: noteSchema.optional(),
      addresses: addressesSchema,
    }),
  ),
  lapsed: z.array(z.object({ controllerId: z.string(), incarnation: decimal })),
}) as unknown as z.ZodType<Inventory>;

const errorSchema = z.object({ error: z.string(), code: z.enum(agentErrorCodes), epoch: decimal.optional() });

export interface AgentCommand<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
  /** Undefined: an answer without content. */
  readonly answer: z.ZodType<T> | undefined;
}

export type AgentAnswer<T> = { readonly value: T } | { readonly failure: AgentFailure };

export class AgentClient {
  private readonly dispatcher: Agent;
  private readonly headers: Record<string, string>;

  constructor(token: string, epoch: bigint, connections: number) {
    this.dispatcher = new Agent({ connections, pipelining: 1 });
    this.headers = {
      authorization: bearerHeader(token),
      [epochHeader]: epoch.toString(),
      'content-type': 'application/json',
    };
  }

  async send<T>(url: string, command: AgentCommand<T>): Promise<AgentAnswer<T>> {
    const { method, path, answer } = command;
    const reply = await this.call(url, command);
    if (!('error' in reply)) return translate(`${method} ${url}${path}`, reply.status, reply.text, answer);
    const { error } = reply;
    const text = `${method} ${url}${path}: ${error.message}`;
    const isRefused = (error as Partial<NodeJS.ErrnoException>).code === 'ECONNREFUSED';
    return isRefused ? { failure: { code: 'absent', text } } : unreachable(text);
  }

  private async call(url: string, { method, path, body, timeoutMs }: AgentCommand<unknown>): Promise<Reply> {
    if (!URL.canParse(url)) return { error: new Error('its URL cannot be read') };
    const { origin } = new URL(url);
    return new Promise((ended) => {
      this.dispatcher.dispatch(
        {
          origin,
          path,
          method,
          headers: this.headers,
          body: body === undefined ? null : JSON.stringify(body),
          // Else undici closes the connection after each DELETE that has a body.
          reset: false,
        },
        new AgentCall(timeoutMs, ended),
      );
    });
  }

  /** What is under way ends as unreachable. */
  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }
}

function unreachable(text: string): { failure: AgentFailure } {
  return { failure: { code: 'unreachable', text } };
}

function translate<T>(command: string, status: number, text: string, answer: z.ZodType<T> | undefined): AgentAnswer<T> {
  const isFine = status >= 200 && status < 300;
  if (isFine && answer === undefined) return { value: undefined as T };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return unreachable(`${command}: answered ${status} without JSON`);
  }
  if (isFine) {
    const parsed = answer!.safeParse(content);
    return parsed.success ? { value: parsed.data } : unreachable(`${command}: answered ${status} in another shape`);
  }
  const refused = errorSchema.safeParse(content);
  if (!refused.success) return unreachable(`${command}: answered ${status} in another shape`);
  const { code, error, epoch } = refused.data;
  return { failure: { code, text: error, ...(epoch === undefined ? {} : { epoch: BigInt(epoch) }) } };
}

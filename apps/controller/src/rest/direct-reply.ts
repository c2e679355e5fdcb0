// Header lines of answers that are written on the socket itself. What never changes is laid out once. Text only: nothing is sent here.
import { STATUS_CODES, validateHeaderValue } from 'node:http';
import { activationHeader, corsHeaders, jsonType, transactionHeader } from './replies';

const lines = new Map<number, string>();

export function statusLine(status: number): string {
  let line = lines.get(status);
  if (line === undefined) lines.set(status, (line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`));
  return line;
}

const constantLines =
  Object.entries(corsHeaders)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('') + `content-type: ${jsonType}\r\n`;

/** Neither needs a check: the ids are made of letters and digits, or came in a header of the request. */
export function activationFields(transaction: string, activationId: string): string {
  return `${transactionHeader}: ${transaction}\r\n${activationHeader}: ${activationId}\r\n${constantLines}`;
}

/** Throws on a value that is none. */
export function replyFields(headers: Readonly<Record<string, string>>): string {
  let text = '';
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

/** Names and values in turn. Throws on a value that is none. */
export function fieldLines(fields: readonly string[]): string {
  let text = '';
  for (let index = 0; index < fields.length; index += 2) {
    validateHeaderValue(fields[index]!, fields[index + 1]!);
    text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  }
  return text;
}

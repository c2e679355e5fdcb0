// Activation ids as the API accepts them: 32 lower-case hex digits.
import { messages } from './messages';
import { rejections } from './rejections';

/** Throws the 400 of an id that cannot exist. */
export function checkActivationId(text: string): string {
  if (text.length !== 32) throw rejections.badSyntax(messages.activationIdLength(text.length));
  if (!/^[0-9a-f]{32}$/.test(text)) throw rejections.badSyntax(messages.activationIdIllegal);
  return text;
}

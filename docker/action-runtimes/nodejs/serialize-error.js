'use strict';
// The JSON form of what an action's promise was rejected with, in the shape that OpenWhisk's Node runtime answers.
//
// An Error becomes its own enumerable properties with name, message, stack, code and cause, which JSON alone would drop. Anything else keeps its shape.
// Cycles are cut with "[Circular]", and what JSON cannot hold is named, so that the answer can always be written.
const errorProperties = ['name', 'message', 'stack', 'code', 'cause', 'errors'];

function serializeError(value, ancestors = []) {
  switch (typeof value) {
    case 'function':
      return `[Function: ${value.name || 'anonymous'}]`;
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return '[object Buffer]';
  if (ancestors.includes(value)) return '[Circular]';
  const path = [...ancestors, value];
  try {
    if (Array.isArray(value)) return value.map((item) => serializeError(item, path));
    if (typeof value.toJSON === 'function') return serializeError(value.toJSON(), path);
    if (typeof value.pipe === 'function') return '[object Stream]';
    const plain = {};
    for (const [key, item] of Object.entries(value))
      if (typeof item !== 'function') plain[key] = serializeError(item, path);
    for (const key of errorProperties) {
      if (key in plain || value[key] === undefined || value[key] === null) continue;
      if (typeof value[key] === 'string' || value instanceof Error) plain[key] = serializeError(value[key], path);
    }
    return plain;
  } catch (error) {
    return `[unreadable: ${error?.message}]`; // a getter or toJSON of the user's threw
  }
}

module.exports = { serializeError };

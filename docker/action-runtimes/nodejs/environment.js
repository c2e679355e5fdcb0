'use strict';
// What user code sees as process.env, and the only place that writes it.
//
// Each run exports its own activation id, transaction id and deadline. Written to the native environment that would cost 4 µs a run, and glibc
// never frees a replaced value: 325 bytes a run, a whole container's memory after a million. So process.env becomes a mirror with the same
// behaviour (values are strings), which child processes inherit; what user code or /init sets goes to the native environment as well,
// since TZ and native modules look there.
const volatile = new Set(['__OW_ACTIVATION_ID', '__OW_TRANSACTION_ID', '__OW_DEADLINE']);

/** Of the keys that a /run has: the same few each time. */
const names = new Map();
const namesMost = 64;

function nameOf(key) {
  let name = names.get(key);
  if (name === undefined) {
    name = `__OW_${key.toUpperCase()}`;
    if (names.size < namesMost) names.set(key, name);
  }
  return name;
}

function createEnvironment() {
  const native = process.env;
  const mirror = { ...native };
  process.env = new Proxy(mirror, {
    set(target, name, value) {
      native[name] = value;
      target[name] = native[name];
      return true;
    },
    deleteProperty(target, name) {
      delete native[name];
      return delete target[name];
    },
    defineProperty(target, name, descriptor) {
      Object.defineProperty(native, name, descriptor);
      target[name] = native[name];
      return true;
    },
  });

  function takeAway(name) {
    const value = mirror[name];
    delete process.env[name];
    return value;
  }

  return {
    takeAway,
    takeAwayAll(prefix) {
      for (const name of Object.keys(mirror)) if (name.startsWith(prefix)) takeAway(name);
    },
    /** The `env` of /init, under its own names, as upstream writes it: nothing for falsy values, JSON for objects. */
    addInit(env) {
      if (typeof env !== 'object' || env === null) return;
      for (const [name, value] of Object.entries(env)) {
        process.env[name] =
          typeof value === 'object' && value !== null ? JSON.stringify(value) : value ? String(value) : '';
      }
    },
    /** Every key of a /run but its arguments, as `__OW_<KEY>`. */
    addRun(message) {
      for (const key in message) {
        if (key === 'value') continue;
        const value = message[key];
        if (typeof value === 'object') continue;
        const name = nameOf(key);
        const text = typeof value === 'string' ? value : String(value);
        if (mirror[name] === text) continue;
        if (volatile.has(name)) mirror[name] = text;
        else process.env[name] = text;
      }
    },
  };
}

module.exports = { createEnvironment };

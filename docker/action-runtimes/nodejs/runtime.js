'use strict';
// The state of one action container: what /init and /run answer, in OpenWhisk's own words and codes.
//
// ready -> starting -> ready (initialised) -> running -> ready ... A failed init or an exception that the action throws leaves it stopped for
// good; a rejected promise or an `error` in the result is the application's business. Sentinels are written before every answer to a run and to
// a failed init.
const { serializeError } = require('./serialize-error.js');

// Kept from before user code could replace it.
const { error: logError } = console;

const errorText = (sentence) => JSON.stringify({ error: sentence });
const badRequest = errorText('Bad request.');
const noDictionary = errorText('The action did not return a dictionary.');

class Runtime {
  constructor({ environment, sentinels, stamps, load, allowsConcurrent }) {
    this.environment = environment;
    this.sentinels = sentinels;
    this.stamps = stamps;
    this.load = load;
    this.allowsConcurrent = allowsConcurrent;
    this.status = 'ready';
    this.main = undefined;
    this.answer = this.answer.bind(this);
  }

  answer(route, text, reply) {
    if (route !== '/run' && route !== '/init') return reply(500, badRequest);
    let message;
    try {
      message = text === '' ? {} : JSON.parse(text);
    } catch (error) {
      logError('Internal system error:', error.message);
      return reply(500, badRequest);
    }
    if (typeof message !== 'object' || message === null || Array.isArray(message)) return reply(500, badRequest);
    if (route === '/run') void this.stamps.run(message.activation_id, () => this.run(message, reply));
    else void this.init(message.value ?? {}, reply);
  }

  async init(message, reply) {
    if (this.main !== undefined) return this.refuse('Cannot initialize the action more than once.', reply);
    if (this.status !== 'ready') return this.refuse(`System not ready, status is ${this.status}.`, reply);
    const { main, code, env } = message;
    const activationId = env?.__OW_ACTIVATION_ID;
    if (typeof main !== 'string' || typeof code !== 'string' || main === '' || code === '') {
      await this.sentinels.mark(activationId);
      return reply(403, errorText('Missing main/no code to execute.'));
    }
    this.status = 'starting';
    try {
      this.environment.addInit(env);
      this.main = await this.load(message);
      this.status = 'ready';
      reply(200, '{"OK":true}');
    } catch (error) {
      this.status = 'stopped';
      logError('Error during initialization:', error);
      await this.sentinels.mark(activationId);
      reply(502, errorText(`Initialization has failed due to: ${error?.stack ? String(error.stack) : error}`));
    }
  }

  async run(message, reply) {
    if (this.main === undefined) return this.refuse('System not initialized.', reply);
    if (this.status !== 'ready') return this.refuse(`System not ready, status is ${this.status}.`, reply);
    const args = message.value ?? {};
    if (typeof args !== 'object') {
      return this.refuse(
        `Internal system error: the argument must be a dictionary but has type '${typeof args}'.`,
        reply,
      );
    }
    if (!this.allowsConcurrent) this.status = 'running';
    this.environment.addRun(message);

    let status = 200;
    let text;
    let next = 'ready';
    let returned;
    try {
      const { main } = this; // called alone, its frame in a stack trace bears its own name
      returned = main(args);
    } catch (error) {
      logError(error);
      status = 502;
      text = errorText(`An error has occurred: ${textOf(error)}`);
      next = 'stopped';
    }
    if (text === undefined) {
      let result;
      try {
        result = await returned;
      } catch (error) {
        result = { error: error ? serializeError(error) : {} };
      }
      if (result === undefined) result = {};
      if (typeof result === 'object') {
        try {
          // A toJSON of the user's may answer undefined, which has no JSON.
          text = JSON.stringify(result) ?? '';
        } catch (error) {
          logError('The result cannot be written as JSON:', error);
          status = 500;
          text = errorText('Internal error.');
        }
      } else {
        logError(`Result must be of type object but has type "${typeof result}":`, result);
        status = 502;
        text = noDictionary;
      }
    }
    this.stamps.end();
    const marking = this.sentinels.mark(message.activation_id);
    if (marking !== undefined) await marking;
    if (this.status !== 'stopped') this.status = next;
    reply(status, text);
  }

  refuse(sentence, reply) {
    logError('Internal system error:', sentence);
    reply(403, errorText(sentence));
  }
}

/** A thrown value may be anything, also something that cannot be turned into text. */
function textOf(thrown) {
  try {
    return `${thrown}`;
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

module.exports = { Runtime };

// What scripts see beyond the language: this expression is evaluated inside the container's own realm.
// In: the host's functions and objects (`host`). Out: tools with which the host makes values of this realm and reads
// what scripts hand back. Nothing in here knows how messages travel.
(function realm(host) {
  'use strict';

  const { parse, stringify } = JSON;

  // Values from Node's own modules come from another realm. `error instanceof Error` must hold for them all the same,
  // as it does on Auth0, where there is one realm only.
  for (const name of host.sharedClasses) {
    const here = globalThis[name];
    const there = host.classes[name];
    if (typeof here !== 'function' || typeof there !== 'function') continue;
    const ordinary = Function.prototype[Symbol.hasInstance];
    Object.defineProperty(here, Symbol.hasInstance, {
      configurable: true,
      value(value) {
        return ordinary.call(this, value) || (this === here && value instanceof there);
      },
    });
  }

  class WrongUsernameOrPasswordError extends Error {
    constructor(user, message) {
      super(message === undefined ? 'Wrong email or password.' : String(message));
      this.name = 'WrongUsernameOrPasswordError';
      this.code = 'invalid_user_password';
      this.user = user;
    }
  }

  class ValidationError extends Error {
    constructor(code, message) {
      super(message === undefined ? String(code) : String(message));
      this.name = 'ValidationError';
      this.code = code;
    }
  }

  class UnauthorizedError extends Error {
    constructor(message) {
      super(message === undefined ? 'Unauthorized' : String(message));
      this.name = 'UnauthorizedError';
      this.code = 'unauthorized';
    }
  }

  const errors = { WrongUsernameOrPasswordError, ValidationError, UnauthorizedError };

  function text(value, limit) {
    let found;
    try {
      found = typeof value === 'string' ? value : String(value);
    } catch {
      found = '(cannot be shown)';
    }
    return found.length > limit ? found.slice(0, limit) : found;
  }

  function read(object, key) {
    try {
      return object[key];
    } catch {
      return undefined;
    }
  }

  /** An error as the JSON text of a plain object; never throws, whatever a script threw. */
  function describeError(error) {
    const known = {};
    if (error === null || (typeof error !== 'object' && typeof error !== 'function')) {
      known.type = typeof error;
      known.name = typeof error;
      known.message = text(error, 4000);
      return stringify(known);
    }
    const official = Object.keys(errors).find((name) => error instanceof errors[name]);
    const name = read(error, 'name');
    known.name = text(typeof name === 'string' && name ? name : 'Error', 200);
    known.type = official || (error instanceof Error ? known.name : 'object');
    known.official = official !== undefined;
    const message = read(error, 'message');
    known.message = text(message === undefined ? error : message, 4000);
    const code = read(error, 'code');
    if (code !== undefined && code !== null) known.code = text(code, 200);
    const cause = read(error, 'cause');
    const reason = cause !== null && typeof cause === 'object' ? read(cause, 'message') : cause;
    if (reason !== undefined && reason !== null && reason !== '') known.cause = text(reason, 4000);
    const user = read(error, 'user');
    if (typeof user === 'string' || typeof user === 'number') known.user = text(user, 400);
    const stack = read(error, 'stack');
    if (typeof stack === 'string') {
      const at = /[( ]((?:script|action|rule):[\w-]+\.js:\d+:\d+)/.exec(stack);
      if (at) known.at = at[1];
    }
    return stringify(known);
  }

  /** The JSON text of a value, or undefined where there is none. Throws what JSON.stringify throws. */
  function encode(value) {
    return value === undefined || value === null ? undefined : stringify(value);
  }

  /** A function of this realm that hands its arguments on; scripts cannot reach the host through it. */
  function expose(target) {
    return function callback(...args) {
      target(args);
    };
  }

  /** `console` for one call: every method formats and hands on one line. */
  function makeConsole(write) {
    const made = {};
    for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table', 'assert', 'group',
      'groupCollapsed', 'groupEnd', 'time', 'timeEnd', 'timeLog', 'count', 'countReset', 'clear']) {
      made[level] = (...args) => {
        if (level === 'assert') {
          if (!args[0]) write('error', ['Assertion failed:', ...args.slice(1)]);
        } else if (!/^(group|clear|time|count)/.test(level) || args.length > 0) {
          write(['warn', 'error', 'debug'].includes(level) ? level : 'info', args);
        }
      };
    }
    return made;
  }

  /** The `api` object of an Action: each command of `table` records its name and arguments. */
  function makeApi(table, record, cache) {
    const api = {};
    for (const path of table) {
      const [area, name] = path.split('.');
      api[area] = api[area] || {};
      api[area][name] = (...args) => {
        record(path, stringify(args) || '[]');
        return api;
      };
    }
    const answers = {
      'redirect.canRedirect': () => false,
      'rules.wasExecuted': () => false,
      'redirect.encodeToken': (options) => stringify(options),
      'redirect.validateToken': () => {
        throw new Error('There is no redirect to come back from here.');
      },
    };
    for (const [path, answer] of Object.entries(answers)) {
      const [area, name] = path.split('.');
      if (api[area] || area === 'rules') (api[area] = api[area] || {})[name] = answer;
    }
    api.cache = {
      get: (key) => {
        const found = cache.get(String(key));
        return found && found.expires_at > Date.now() ? found : undefined;
      },
      set: (key, value, options) => {
        const found = { value: String(value), expires_at: Date.now() + ((options && options.ttl) || 900000) };
        cache.set(String(key), found);
        return { type: 'success', record: found };
      },
      delete: (key) => (cache.delete(String(key)), { type: 'success' }),
    };
    return api;
  }

  /** The `auth0` object of a Rule: updates of metadata are recorded and answered as done. */
  function makeAuth0(record, domain) {
    const update = (name) => (id, metadata, callback) => {
      record(`auth0.users.${name}`, stringify([id, metadata]));
      if (typeof callback === 'function') setTimeout(() => callback(null, {}), 0);
      return Promise.resolve({});
    };
    return {
      domain,
      baseUrl: `https://${domain}/api/v2`,
      accessToken: '',
      users: {
        updateAppMetadata: update('updateAppMetadata'),
        updateUserMetadata: update('updateUserMetadata'),
      },
    };
  }

  /** Where, under this realm's global object, one of the strings occurs: paths, at most 20. */
  function inspectGlobal(baseline, needles, limits) {
    const found = [];
    const seen = new Set();
    const queue = [];
    for (const key of Reflect.ownKeys(globalThis)) {
      if (!baseline.has(key)) queue.push([String(key), Object.getOwnPropertyDescriptor(globalThis, key), 0]);
    }
    const check = (path, value) => {
      if (found.length < 20 && needles.some((needle) => value.includes(needle))) found.push(path);
    };
    let visited = 0;
    while (queue.length > 0 && visited < limits.objects && found.length < 20) {
      const [path, descriptor, depth] = queue.shift();
      if (!descriptor || !('value' in descriptor)) continue;
      const value = descriptor.value;
      if (typeof value === 'string') check(path, value);
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
      if (depth >= limits.depth || ArrayBuffer.isView(value)) continue;
      seen.add(value);
      visited += 1;
      if (value instanceof Map || value instanceof Set) {
        let index = 0;
        for (const [key, item] of value.entries()) {
          queue.push([`${path}<${index}>`, { value: key }, depth + 1], [`${path}<${index}>`, { value: item }, depth + 1]);
          index += 1;
        }
      }
      // Symbols are where Node itself notes things, such as which call opened a connection.
      for (const key of Object.getOwnPropertyNames(value)) {
        const name = `${path}.${key}`;
        check(name, key);
        queue.push([name, Object.getOwnPropertyDescriptor(value, key), depth + 1]);
      }
    }
    return stringify(found);
  }

  Object.defineProperty(globalThis, 'global', { value: globalThis, writable: true, configurable: true });

  return { parse, stringify, errors, describeError, encode, expose, makeConsole, makeApi, makeAuth0, inspectGlobal };
});

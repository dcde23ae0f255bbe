'use strict';
// A container: one Node process that runs several scripts sharing one `global`.
// In: newline-delimited JSON on standard input; the first line is the greeting with the nonce. Out: lines of nonce and
// JSON on standard output. Scripts do not know the nonce, so nothing that they manage to print counts as a message.

const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');
const vm = require('node:vm');
const { AsyncLocalStorage } = require('node:async_hooks');
const { performance } = require('node:perf_hooks');
const { makeLoader } = require('./loader.cjs');
const { makeRealm } = require('./globals.cjs');

// Taken before any script runs: a script that replaces them later changes nothing here.
const { parse, stringify } = JSON;
const { writeSync } = fs;
const { apply } = Reflect;
const now = performance.now.bind(performance);
const later = setTimeout;
const soon = setImmediate;
const leave = process.reallyExit.bind(process);
const { formatWithOptions } = util;

const MAX_LINE = 8_000;
const MAX_LOG_LINES = 200;
const MAX_LOG_CHARACTERS = 64_000;
const MAX_VALUE = 1_000_000;

// What the host works with belongs to Node's own realm, which scripts reach through Node's modules: no changing it.
for (const shared of [Map, Set, WeakMap, WeakSet, String, Number, Array, RegExp, Promise, Symbol, AsyncLocalStorage]) {
  Object.freeze(shared.prototype);
}
for (const shared of [JSON, Reflect, Math]) Object.freeze(shared);

const DONE = Object.freeze({ __proto__: null, outcome: 'done' });
const current = new AsyncLocalStorage();
const calls = new Map();
const compiled = new Map();
const cache = new Map();
let nonce;
let realm;

/** One message. Its objects have no prototype, so that no `toJSON` of a script is asked. */
function send(message) {
  writeSync(1, `\n${nonce} ${stringify({ __proto__: null, ...message })}\n`);
}

function bare(list) {
  return Object.setPrototypeOf(list, null);
}

// --- logs ---------------------------------------------------------------------------------------------------------

function log(call, level, args) {
  // A pool's connection keeps the call that opened it as its own: the call that is running now is the one to tell.
  const target = call && !call.sent ? call : calls.values().next().value || call;
  if (!target) return;
  if (target.logLines >= MAX_LOG_LINES || target.logCharacters >= MAX_LOG_CHARACTERS) {
    target.flooded = true;
    return;
  }
  let line;
  try {
    line = formatWithOptions({ depth: 3, breakLength: Infinity, maxStringLength: MAX_LINE, maxArrayLength: 100 }, ...args);
  } catch {
    line = '(cannot be shown)';
  }
  if (line.length > MAX_LINE) line = line.slice(0, MAX_LINE);
  target.logLines += 1;
  target.logCharacters += line.length;
  send({ event: 'log', id: target.id, level, text: line });
}

// --- results ------------------------------------------------------------------------------------------------------

/** The first outcome of a call is its outcome. It is sent a moment later, so that a second callback is still seen. */
function settle(call, outcome) {
  if (call.outcome) return;
  call.outcome = outcome;
  call.duration = now() - call.started;
  if (call.settle > 0) later(() => finish(call), call.settle);
  else soon(() => finish(call));
}

function finish(call) {
  if (call.sent) return;
  call.sent = true;
  calls.delete(call.id);
  const message = { event: 'result', id: call.id, ...call.outcome, duration: call.duration, callbacks: call.callbacks };
  if (call.problems.length > 0) message.problems = bare(call.problems.slice());
  if (call.flooded) message.flooded = true;
  if (call.commands) message.commands = call.commands.join(',');
  send(message);
  // Connections that the call opened keep it as their own: it must not keep what it answered.
  call.outcome = DONE;
  call.commands = call.commands && [];
}

function settleWithError(call, error, problem) {
  if (problem && call.problems.length < 10) call.problems.push(problem);
  settle(call, { outcome: 'error', error: realm.tools.describeError(error) });
}

function settleWithValue(call, values) {
  let encoded;
  try {
    encoded = realm.tools.encode(values);
  } catch (error) {
    settleWithError(call, error, 'unserialisable');
    return;
  }
  if (encoded === undefined) settle(call, { outcome: 'nothing' });
  else if (encoded.length > MAX_VALUE) settleWithError(call, new Error('The result is larger than 1 MB'), 'result-too-large');
  else settle(call, { outcome: 'value', value: encoded });
}

function calledBack(call, args) {
  call.callbacks += 1;
  if (call.callbacks > 1) {
    if (call.sent) send({ event: 'late', id: call.id, callbacks: call.callbacks });
    return;
  }
  if (args[0]) settleWithError(call, args[0]);
  else settleWithValue(call, call.mode === 'rule' ? bareRule(args) : args[1]);
}

function bareRule(args) {
  return { user: args[1], context: args[2] };
}

// --- running ------------------------------------------------------------------------------------------------------

const PARAMETERS = ['configuration', 'require', 'console', 'module', 'exports', 'auth0',
  'WrongUsernameOrPasswordError', 'ValidationError', 'UnauthorizedError'];

/** Source to a function of PARAMETERS. A lone function (named or not) is an expression; more than that, a body. */
function compile(call, source, names) {
  const options = {
    filename: `${call.mode}:${call.name}.js`,
    parsingContext: realm.context,
    lineOffset: -1,
    importModuleDynamically: realm.loader.importFromScript,
  };
  if (call.mode !== 'action') {
    try {
      return vm.compileFunction(`return (\n${source}\n)`, PARAMETERS, options);
    } catch {
      // More than one function: compiled as a body below, whose syntax errors are the ones to report.
    }
  }
  const choice = names.map((name) => `typeof ${name} === 'function' ? ${name} : `).join('');
  return vm.compileFunction(
    `return (function () {\n${source}\n;return ${call.mode === 'action' ? 'undefined' : choice + 'module.exports'}; }).call(this)`,
    PARAMETERS,
    options,
  );
}

function functionNames(source, expected) {
  const names = [expected];
  for (const match of source.matchAll(/^(?:async\s+)?function\s*([A-Za-z_$][\w$]*)\s*\(/gm)) names.push(match[1]);
  return [...new Set(names.filter((name) => /^[A-Za-z_$][\w$]*$/.test(name || '')).reverse())].sort(
    (a, b) => (b === expected) - (a === expected),
  );
}

/** A fresh evaluation of the script's file: its top level keeps nothing from call to call, as on Auth0. */
function prepare(call, message) {
  if (message.source !== undefined) {
    compiled.set(message.digest, compile(call, message.source, functionNames(message.source, message.function)));
  }
  const wrapper = compiled.get(message.digest);
  const { tools } = realm;
  const module = tools.parse('{"exports":{}}');
  const console = tools.makeConsole((level, args) => log(call, level, args));
  const auth0 = call.mode === 'rule'
    ? tools.makeAuth0((name, args) => record(call, name, args), message.domain || 'localhost')
    : undefined;
  const found = wrapper.call(undefined, tools.parse(message.configuration), realm.loader.requireFromScript, console, module,
    module.exports, auth0, tools.errors.WrongUsernameOrPasswordError, tools.errors.ValidationError,
    tools.errors.UnauthorizedError);
  const fn = call.mode === 'action' ? module.exports[message.function] : found;
  if (typeof fn !== 'function') {
    throw new Error(`The ${call.mode} has no function '${message.function}'`);
  }
  return fn;
}

function record(call, name, args) {
  if (call.commands.length < 1000) call.commands.push(`{"command":${stringify(name)},"arguments":${args}}`);
}

function run(message) {
  const call = {
    id: message.id, mode: message.mode, name: message.name, callbacks: 0, logLines: 0, logCharacters: 0,
    settle: message.settle, started: now(), problems: [], commands: message.mode === 'script' ? undefined : [],
  };
  calls.set(call.id, call);
  current.run(call, () => {
    let fn;
    try {
      fn = prepare(call, message);
    } catch (error) {
      settleWithError(call, error, 'not-loaded');
      return;
    }
    invoke(call, fn, message);
  });
}

function invoke(call, fn, message) {
  const { tools } = realm;
  const args = tools.parse(message.arguments);
  call.started = now();
  let returned;
  try {
    if (call.mode === 'action') {
      const api = tools.makeApi(message.api, (name, values) => record(call, name, values), cache);
      returned = apply(fn, undefined, [args[0], api]);
    } else {
      returned = apply(fn, undefined, [...args, tools.expose((values) => calledBack(call, values))]);
    }
  } catch (error) {
    settleWithError(call, error, call.mode === 'action' ? undefined : 'threw');
    return;
  }
  watchPromise(call, returned);
}

function watchPromise(call, returned) {
  const thenable = returned !== null && typeof returned === 'object' && typeof returned.then === 'function';
  if (call.mode === 'action') {
    if (thenable) returned.then(() => settle(call, { outcome: 'nothing' }), (error) => settleWithError(call, error));
    else settle(call, { outcome: 'nothing' });
  } else if (thenable) {
    returned.then(undefined, (error) => failLate(call, error, 'rejected'));
  }
}

/** An error nobody caught: the outcome of its call, or, after the callback, a fault of a call that is over. */
function failLate(call, error, problem) {
  if (call.sent) {
    send({ event: 'late-error', id: call.id, problem, error: realm.tools.describeError(error) });
  } else if (call.outcome) {
    if (call.problems.length < 10) call.problems.push(problem);
  } else {
    settleWithError(call, error, problem);
  }
}

/** Who did what just happened: the call whose code runs, else whatever else runs here, else a call that is over. */
function blamed() {
  const call = current.getStore();
  if (call && !call.sent) return [call];
  if (calls.size > 0) return [...calls.values()];
  return call ? [call] : [];
}

function uncaught(error) {
  for (const call of blamed()) failLate(call, error, 'uncaught');
  send({ event: 'broken', error: realm ? realm.tools.describeError(error) : '{}' });
}

// --- messages -----------------------------------------------------------------------------------------------------

function exit(code) {
  const [call] = blamed();
  send({ event: 'exit', id: call ? call.id : null, code: Number(code) || 0 });
  leave(0);
}

function greet(message) {
  nonce = message.nonce;
  realm = makeRealm({
    source: fs.readFileSync(path.join(__dirname, 'realm.cjs'), 'utf8'),
    folder: message.folder,
    pinned: new Set(message.modules),
    makeLoader,
    exit,
    log: (level, args) => log(current.getStore(), level, args),
  });
  send({ event: 'ready', version: process.versions.node });
}

function handle(message) {
  if (message.op === 'call') run(message);
  else if (message.op === 'ping') send({ event: 'pong', id: message.id });
  else if (message.op === 'inspect') send({ event: 'inspected', id: message.id, value: realm.inspect(message.needles) });
}

function listen() {
  let buffered = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk) => {
    buffered += chunk;
    for (let end = buffered.indexOf('\n'); end >= 0; end = buffered.indexOf('\n')) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 1);
      if (line === '') continue;
      const message = parse(line);
      if (nonce === undefined) greet(message);
      else current.exit(() => handle(message));
    }
  });
  process.stdin.on('end', () => leave(0));
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
}

listen();

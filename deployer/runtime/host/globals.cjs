'use strict';
// The container's realm: a context with the globals that Auth0's scripts have and a `process` without a process.
// In: the source of realm.cjs, the modules' folder and names, functions of the host. Out: the realm and its tools.

const vm = require('node:vm');

const PLAIN = ['fetch', 'Headers', 'Request', 'Response', 'FormData', 'Blob', 'File', 'AbortController', 'AbortSignal',
  'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'Event', 'EventTarget', 'MessageChannel', 'MessagePort',
  'MessageEvent', 'ReadableStream', 'WritableStream', 'TransformStream', 'CompressionStream', 'DecompressionStream',
  'DOMException', 'structuredClone', 'queueMicrotask', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval',
  'setImmediate', 'clearImmediate', 'atob', 'btoa', 'Buffer', 'performance', 'crypto'];

const SHARED_CLASSES = ['Object', 'Function', 'Array', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError',
  'Date', 'RegExp', 'Promise', 'Map', 'Set', 'ArrayBuffer', 'Uint8Array'];

/** `process` as far as libraries ask for it: no environment, no streams, no way out but a reported exit. */
function makeProcess(exit, log) {
  const stream = (level) => ({ isTTY: false, fd: -1, columns: 80, write: (text) => (log(level, [String(text)]), true),
    on() { return this; }, once() { return this; }, removeListener() { return this; }, emit: () => false });
  const made = {
    title: 'node', argv: ['node', 'script'], execArgv: [], execPath: 'node', env: {}, pid: 1, ppid: 0, exitCode: undefined,
    version: process.version, versions: { ...process.versions }, platform: process.platform, arch: process.arch,
    release: { name: process.release.name }, features: { ...process.features },
    config: { variables: {}, target_defaults: {} }, stdout: stream('info'), stderr: stream('error'),
    nextTick: process.nextTick, hrtime: process.hrtime, uptime: () => process.uptime(),
    memoryUsage: () => ({ ...process.memoryUsage() }), cpuUsage: () => ({ ...process.cpuUsage() }), cwd: () => '/', umask: () => 0o77,
    emitWarning: (warning) => log('warn', [String(warning)]),
    emit: () => false, listeners: () => [], listenerCount: () => 0, exit, abort: () => exit(134),
  };
  for (const name of ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners', 'prependListener',
    'setMaxListeners']) {
    made[name] = () => made;
  }
  return made;
}

/** One of Node's globals, loaded when it is first asked for: some of them take tens of milliseconds. */
function define(globals, name) {
  const set = (value) => Object.defineProperty(globals, name, { value, writable: true, configurable: true, enumerable: false });
  Object.defineProperty(globals, name, { get: () => globalThis[name], set, configurable: true, enumerable: false });
}

function makeRealm({ source, folder, pinned, makeLoader, exit, log }) {
  const context = vm.createContext({}, { name: 'scripts', codeGeneration: { strings: true, wasm: true } });
  const globals = vm.runInContext('globalThis', context);
  const classes = {};
  for (const name of SHARED_CLASSES) classes[name] = globalThis[name];
  const tools = vm.runInContext(source, context, { filename: 'realm.js' })({ classes, sharedClasses: SHARED_CLASSES });
  for (const name of PLAIN) {
    if (name in globalThis) define(globals, name);
  }
  const safeProcess = makeProcess(exit, log);
  const console = tools.makeConsole(log);
  for (const [name, value] of Object.entries({ process: safeProcess, console, ...tools.errors })) {
    Object.defineProperty(globals, name, { value, writable: true, configurable: true, enumerable: false });
  }
  const loader = makeLoader({ context, parse: tools.parse, folder, pinned, safeProcess, console });
  const baseline = new Set(Reflect.ownKeys(globals));
  const inspect = (needles) => tools.inspectGlobal(baseline, tools.parse(needles), { depth: 8, objects: 50_000 });
  return { context, tools, loader, inspect };
}

module.exports = { makeRealm };

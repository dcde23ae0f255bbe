'use strict';
// `require` for scripts and for the pinned modules. In: the realm, the modules' folder, the pinned names.
// Out: one `require` per file. The modules' code runs in the container's realm; Node's own modules are Node's, less those
// that start processes, load code or look into the process.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const Module = require('node:module');

const { builtinModules, createRequire } = Module;
const dlopen = process.dlopen.bind(process);

const DENIED = new Set([
  'child_process', 'cluster', 'inspector', 'inspector/promises', 'module', 'repl', 'sea', 'sqlite', 'test',
  'test/reporters', 'trace_events', 'tty', 'v8', 'vm', 'wasi', 'worker_threads',
]);

const ALLOWED = new Set(builtinModules.filter((name) => !name.startsWith('_') && !DENIED.has(name)));

/** A module that is not to be had: libraries may load it, but whatever they take from it throws when used. */
function deniedModule(name) {
  const refuse = () => {
    throw Object.assign(new Error(`'${name}' is not available to action scripts`), { code: 'ERR_ACCESS_DENIED' });
  };
  const known = { isMainThread: true, isMaster: true, isPrimary: true, isWorker: false, isatty: () => false };
  return new Proxy(Object.assign(function denied() {}, known), {
    get(target, key) {
      if (key in target) return target[key];
      return typeof key === 'symbol' || key === 'then' || key === '__esModule' ? undefined : refuse;
    },
    apply: refuse,
    construct: refuse,
  });
}

/** `fs` as libraries expect it: what may not be read does not exist, and the process's own pipes are not files. */
function safeFs() {
  const safe = { ...fs, constants: fs.constants, promises: fs.promises };
  for (const name of ['read', 'readSync', 'write', 'writeSync', 'readv', 'readvSync', 'writev', 'writevSync', 'close',
    'closeSync', 'ftruncate', 'ftruncateSync', 'readFile', 'readFileSync', 'writeFile', 'writeFileSync',
    'appendFile', 'appendFileSync']) {
    const original = fs[name];
    safe[name] = (first, ...rest) => {
      if (typeof first === 'number' && first <= 2) {
        throw Object.assign(new Error('EBADF: bad file descriptor'), { code: 'EBADF' });
      }
      return original(first, ...rest);
    };
  }
  safe.existsSync = (file) => {
    try {
      return fs.existsSync(file);
    } catch {
      return false;
    }
  };
  return safe;
}

function makeLoader({ context, parse, folder, pinned, safeProcess, console }) {
  const builtins = new Map();
  const modules = new Map();

  function builtin(name, forScript) {
    if (DENIED.has(name)) {
      if (forScript) {
        throw Object.assign(new Error(`'${name}' is not available to action scripts`), { code: 'ERR_ACCESS_DENIED' });
      }
      if (!builtins.has(name)) builtins.set(name, deniedModule(name));
      return builtins.get(name);
    }
    if (name === 'process') return safeProcess;
    if (name === 'console') return console;
    if (name === 'fs') {
      if (!builtins.has(name)) builtins.set(name, safeFs());
      return builtins.get(name);
    }
    return require(`node:${name}`);
  }

  function load(file) {
    const cached = modules.get(file);
    if (cached) return cached.exports;
    const module = { id: file, filename: file, exports: {}, loaded: false, children: [], paths: [], parent: {} };
    modules.set(file, module);
    try {
      evaluate(file, module);
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  function evaluate(file, module) {
    const kind = path.extname(file);
    if (kind === '.node') {
      dlopen(module, file);
      return;
    }
    const source = fs.readFileSync(file, 'utf8');
    if (kind === '.json') {
      module.exports = parse(source);
      return;
    }
    if (kind === '.mjs' || (kind === '.js' && packageType(file) === 'module')) {
      throw Object.assign(new Error(`${path.relative(folder, file)} is an ES module; action scripts can require only CommonJS`), {
        code: 'ERR_REQUIRE_ESM',
      });
    }
    const wrapper = vm.compileFunction(source.replace(/^#!.*/, ''), ['exports', 'require', 'module', '__filename', '__dirname'], {
      filename: file,
      parsingContext: context,
      importModuleDynamically: (specifier) => importModule(specifier, makeRequire(file)),
    });
    wrapper.call(module.exports, module.exports, makeRequire(file), module, file, path.dirname(file));
  }

  function packageType(file) {
    for (let at = path.dirname(file); at.startsWith(folder); at = path.dirname(at)) {
      try {
        return JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8')).type || 'commonjs';
      } catch {
        continue;
      }
    }
    return 'commonjs';
  }

  function withPrefixRemoved(specifier) {
    return specifier.startsWith('node:') ? specifier.slice(5) : specifier;
  }

  function isBuiltin(specifier) {
    const name = withPrefixRemoved(specifier);
    return ALLOWED.has(name) || DENIED.has(name);
  }

  /** `require` of one file of a pinned module. */
  function makeRequire(file) {
    const native = createRequire(file);
    const resolve = (specifier) => {
      const found = native.resolve(specifier);
      if (!found.startsWith(folder + path.sep)) throw notFound(specifier);
      return found;
    };
    const requireModule = (specifier) =>
      isBuiltin(specifier) ? builtin(withPrefixRemoved(specifier), false) : load(resolve(specifier));
    return Object.assign(requireModule, { resolve, cache: {}, extensions: {}, main: undefined });
  }

  function notFound(specifier) {
    const names = [...pinned].join(', ') || 'none';
    return Object.assign(
      new Error(`Cannot find module '${specifier}': it is not among the connection's modules (${names})`),
      { code: 'MODULE_NOT_FOUND' },
    );
  }

  const fromRoot = folder ? makeRequire(path.join(folder, 'script.js')) : undefined;

  /** `require` of a script: Node's own modules and the pinned ones, nothing that they bring along. */
  function requireFromScript(wanted) {
    const specifier = String(wanted);
    if (isBuiltin(specifier)) return builtin(withPrefixRemoved(specifier), true);
    // Auth0's own notation for one version among several: `require('pg@8.16.3')`.
    const match = /^((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?(\/.*)?$/.exec(specifier);
    if (!match || !pinned.has(match[1]) || !fromRoot) throw notFound(specifier);
    return fromRoot(match[1] + (match[3] || ''));
  }

  async function importModule(specifier, requireModule) {
    const exported = requireModule(specifier);
    const object = exported !== null && (typeof exported === 'object' || typeof exported === 'function');
    const names = object ? Object.keys(exported).filter((name) => name !== 'default') : [];
    const made = new vm.SyntheticModule([...names, 'default'], function evaluateModule() {
      for (const name of names) this.setExport(name, exported[name]);
      this.setExport('default', exported);
    }, { context });
    await made.link(() => undefined);
    await made.evaluate();
    return made;
  }

  return { requireFromScript, importFromScript: (specifier) => importModule(specifier, requireFromScript) };
}

module.exports = { makeLoader };

'use strict';
// Compiles texts and runs nothing of them: each is parsed as Auth0's Node would load it, and the result thrown away.
// In: newline-delimited JSON on standard input, {form, source}. Out: `ready`, then a line of JSON for each: null, or the
// engine's {name, message, line, column}; line and column count from 1, the column in UTF-16 units, 0 if not known.

const vm = require('node:vm');
const { writeSync } = require('node:fs');

const FILE = 'script.js';
// What Node wraps a CommonJS module in: https://nodejs.org/api/modules.html#the-module-wrapper
const MODULE = ['exports', 'require', 'module', '__filename', '__dirname'];

const NO_NAME = 'Function statements require a function name';

function script(before, source, after) {
  const lineOffset = before ? -1 : 0;
  return new vm.Script(before + source + after, { filename: FILE, lineOffset, produceCachedData: false });
}

const FORMS = {
  script: (source) => {
    try {
      return script('', source, '');
    } catch (error) {
      if (!error.message.startsWith(NO_NAME)) throw error;
      // Auth0 documents one form that is no script by itself: a single function without a name.
      script('0,\n', source, ''); // throws what else is wrong with it
      try {
        return script('(\n', source, '\n)');
      } catch {
        throw error;
      }
    }
  },
  module: (source) => vm.compileFunction(source, MODULE, { filename: FILE, produceCachedData: false }),
  // A Rule is one function, which may have no name: an expression. What is a script of its own is taken as well.
  expression: (source) => {
    try {
      return script('(\n', source, '\n)');
    } catch (error) {
      try {
        return script('', source, '');
      } catch {
        throw error;
      }
    }
  },
};

function judge({ form, source }) {
  try {
    FORMS[form](source);
    return null;
  } catch (error) {
    return { name: error.name, message: error.message, ...place(error) };
  }
}

/** Where the engine points: the head of the stack is `FILE:LINE`, the line's text, and carets under the place. */
function place(error) {
  const [head, text, carets] = String(error.stack).split('\n', 3);
  const line = head.startsWith(`${FILE}:`) ? Number(head.slice(FILE.length + 1)) : 0;
  if (!line) return { line: 0, column: 0 };
  const before = /^[ \t]*(?=\^)/.exec(carets || '');
  return { line, column: before ? before[0].length + 1 : /^\s*/.exec(text || '')[0].length + 1 };
}

// Written at once, so that after a crash it is known which text it was.
function answer(line) {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

let parts = [];
process.stdin.on('data', (chunk) => {
  let start = 0;
  for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
    parts.push(chunk.subarray(start, end));
    answer(JSON.stringify(judge(JSON.parse(Buffer.concat(parts).toString()))));
    parts = [];
    start = end + 1;
  }
  parts.push(chunk.subarray(start));
});
answer('ready');

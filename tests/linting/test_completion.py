"""DB201, DB202, DB203 and DB205 on many shapes of code: what is right is left alone, what is wrong is named."""

# ruff: noqa: E501 - scripts on one line are easier to compare than to wrap
import textwrap

import pytest

from deployer.linting.engine import lint
from deployer.linting.inputs import ScriptInput
from deployer.linting.registry import own_rules

RULES = [rule for rule in own_rules() if rule.code in {"DB101", "DB201", "DB202", "DB203", "DB205"}]


def codes(body: str, head: str = "function login(email, password, callback)") -> list[str]:
    """The codes that the four rules find in a script with this body."""
    source = f"{head} {{\n{textwrap.indent(textwrap.dedent(body).strip(), '  ')}\n}}\n"
    report = lint(scripts=[ScriptInput(source, "login", address="test")], rules=RULES)
    return sorted({finding.code for finding in report.findings})


RIGHT = {
    "plain": "callback(null, { user_id: email });",
    "early return": """
        if (!email) return callback(new WrongUsernameOrPasswordError(email));
        callback(null, { user_id: email });
    """,
    "if and else": """
        if (!email) { callback(new Error('no e-mail')); } else { callback(null, { user_id: email }); }
    """,
    "else if chain": """
        if (email === 'a') callback(null, { user_id: 1 });
        else if (email === 'b') callback(null, { user_id: 2 });
        else callback(new Error('neither'));
    """,
    "correlated conditions": """
        db.query(email, (err, rows) => {
          if (err) callback(err);
          if (!err) callback(null, rows[0]);
        });
    """,
    "correlated compound conditions": """
        db.query(email, (err, rows) => {
          if (err || !rows) { callback(err || new Error('none')); }
          if (!err && rows) { callback(null, rows[0]); }
        });
    """,
    "correlated counts": """
        db.query(email, (err, rows) => {
          if (err) return callback(err);
          if (rows.length === 0) return callback(new WrongUsernameOrPasswordError(email));
          if (rows.length > 0) return callback(null, rows[0]);
        });
    """,
    "ternary": "db.query(email, (err, rows) => err ? callback(err) : callback(null, rows[0]));",
    "ternary argument": "db.query(email, (err, rows) => callback(err, rows ? rows[0] : null));",
    "void": "db.query(email, (err, rows) => { if (err) { return void callback(err); } callback(null, rows); });",
    "callback handed on": "db.query(email, callback);",
    "callback bound": "bcrypt.hash(password, 10).then(callback.bind(null, null)).catch(callback);",
    "alias": """
        const done = callback;
        db.query(email, (err, rows) => { if (err) return done(err); done(null, rows[0]); });
    """,
    "callback call and apply": """
        db.query(email, (...results) => { callback.apply(null, results); });
    """,
    "asks for the callback": """
        db.query(email, (err, rows) => { if (typeof callback === 'function') callback(err, rows); });
    """,
    "callback and and": "db.query(email, (err, rows) => callback && callback(err, rows));",
    "helper": """
        function finish(err, user) { client.end(); callback(err, user); }
        client.query(email, (err, rows) => { if (err) return finish(err); finish(null, rows[0]); });
    """,
    "helper constant": """
        const fail = (message) => callback(new Error(message));
        client.query(email, (err, rows) => { if (err) return fail(err.message); callback(null, rows[0]); });
    """,
    "helper given the callback": """
        verifyUser(email, password, callback);
        function verifyUser(who, secret, cb) {
          client.query(who, (err, rows) => { if (err) return cb(err); cb(null, rows[0]); });
        }
    """,
    "helper that tells whether it has answered": """
        function refuse(user) {
          if (!user) { callback(new WrongUsernameOrPasswordError(email)); return true; }
          return false;
        }
        client.query(email, (err, rows) => {
          if (err) return callback(err);
          if (refuse(rows[0])) return;
          callback(null, rows[0]);
        });
    """,
    "only once": """
        let called = false;
        function done(err, user) {
          if (called) return;
          called = true;
          callback(err, user);
        }
        const timer = setTimeout(() => done(new Error('too slow')), 5000);
        client.query(email, (err, rows) => { clearTimeout(timer); done(err, rows && rows[0]); });
    """,
    "once as a property": """
        const state = { done: false };
        client.on('error', (err) => { if (!state.done) { state.done = true; callback(err); } });
        client.query(email, (err, rows) => { if (!state.done) { state.done = true; callback(err, rows); } });
    """,
    "two requests counted": """
        let open = 2;
        const parts = {};
        function part(name) {
          return (err, value) => {
            parts[name] = value;
            open -= 1;
            if (open === 0) callback(null, parts);
          };
        }
        client.query('a', part('a'));
        client.query('b', part('b'));
    """,
    "success and failure functions": """
        ajax(email, (user) => callback(null, user), (err) => callback(err));
    """,
    "event emitter": """
        const connection = new Connection(configuration);
        connection.on('connect', function (err) {
          if (err) return callback(err);
          const request = new Request('select 1', function (err, count, rows) {
            if (err) return callback(err);
            callback(null, rows[0]);
          });
          request.on('row', (columns) => { console.log(columns.length); });
          connection.execSql(request);
        });
        connection.connect();
    """,
    "http in events": """
        const request = https.request(configuration.URL, (response) => {
          let body = '';
          response.on('data', (chunk) => { body += chunk; });
          response.on('end', () => callback(null, JSON.parse(body)));
        });
        request.on('error', (err) => callback(err));
        request.setTimeout(5000, () => request.destroy(new Error('too slow')));
        request.end();
    """,
    "then and catch": """
        fetch(email).then((r) => r.json()).then((user) => callback(null, user)).catch((err) => callback(err));
    """,
    "then with two functions": "fetch(email).then((user) => callback(null, user), (err) => callback(err));",
    "catch is the callback": "fetch(email).then((user) => callback(null, user)).catch(callback);",
    "finally tidies up": """
        client.query(email).then((user) => callback(null, user)).catch((err) => callback(err)).finally(() => client.end());
    """,
    "handler throws to catch": """
        fetch(email).then((r) => {
          if (!r.ok) throw new Error('status ' + r.status);
          return r.json();
        }).then((user) => callback(null, user)).catch((err) => callback(err));
    """,
    "handler returns a chain": """
        fetch(email).then((r) => {
          if (r.status === 401) return callback(new WrongUsernameOrPasswordError(email));
          return r.json().then((user) => callback(null, user));
        }).catch((err) => callback(err));
    """,
    "promise in a constant": """
        const found = fetch(email).then((r) => r.json());
        found.then((user) => callback(null, user), callback);
    """,
    "new Promise": """
        const wait = new Promise((resolve, reject) => {
          client.query(email, (err, rows) => { if (err) reject(err); else resolve(rows); });
        });
        wait.then((rows) => callback(null, rows[0])).catch((err) => callback(err));
    """,
    "immediate async function": """
        (async () => {
          const user = await fetch(email);
          callback(null, user);
        })().catch((err) => callback(err));
    """,
    "immediate async function with try": """
        (async () => {
          try { const user = await fetch(email); callback(null, user); } catch (err) { callback(err); }
        })();
    """,
    "async helper awaited by then": """
        async function find() { const answer = await fetch(email); return answer.json(); }
        find().then((user) => callback(null, user)).catch((err) => callback(err));
    """,
    "sync try": """
        let user;
        try { user = JSON.parse(email); } catch (err) { return callback(err); }
        callback(null, user);
    """,
    "try around a request": """
        try {
          client.query(email, (err, rows) => { if (err) return callback(err); callback(null, rows); });
        } catch (err) {
          callback(err);
        }
    """,
    "switch": """
        client.get(email, (err, response) => {
          if (err) return callback(err);
          switch (response.status) {
            case 200: callback(null, response.body); break;
            case 401: case 403: return callback(new WrongUsernameOrPasswordError(email));
            default: callback(new Error('status'));
          }
        });
    """,
    "loop with return": """
        for (const user of global.users) { if (user.email === email) return callback(null, user); }
        return callback(new WrongUsernameOrPasswordError(email));
    """,
    "loop with break": """
        let found = null;
        for (const user of global.users) { if (user.email === email) { found = user; break; } }
        callback(null, found);
    """,
    "loop with flag": """
        let answered = false;
        for (const user of global.users) {
          if (user.email === email) { answered = true; callback(null, user); break; }
        }
        if (!answered) callback(new WrongUsernameOrPasswordError(email));
    """,
    "loop with a found user": """
        let found = null;
        for (const user of global.users) {
          if (user.email === email) { found = user; callback(null, user); break; }
        }
        if (!found) callback(new WrongUsernameOrPasswordError(email));
    """,
    "endless loop": """
        let page = 0;
        while (true) {
          const user = read(page++);
          if (user) return callback(null, user);
          if (page > 3) return callback(new WrongUsernameOrPasswordError(email));
        }
    """,
    "labelled loop": """
        let hit = null;
        outer: for (const a of x) { for (const b of a) { if (b) { hit = b; break outer; } continue outer; } }
        callback(null, hit);
    """,
    "timer": "setTimeout(() => callback(null, { user_id: email }), 10);",
    "next tick": "process.nextTick(callback, null, { user_id: email });",
    "waterfall": "async.waterfall([(next) => client.query(email, next)], callback);",
    "waterfall with function": """
        async.waterfall([(next) => client.query(email, next)], (err, user) => { if (err) return callback(err); callback(null, user); });
    """,
    "object of handlers": "client.query({ sql: email, success: (user) => callback(null, user), failure: callback });",
    "recursive retry": """
        function attempt(left) {
          client.query(email, (err, rows) => {
            if (err && left > 0) return attempt(left - 1);
            if (err) return callback(err);
            callback(null, rows[0]);
          });
        }
        attempt(3);
    """,
    "callbackify": "util.callbackify(find)(email, callback);",
    "error told apart": """
        client.query(email, (err, rows) => {
          if (err) {
            if (err.code === 'ECONNREFUSED') return callback(new Error('down'));
            return callback(err);
          }
          callback(null, rows[0]);
        });
    """,
    "error in catch not read": "fetch(email).then((user) => callback(null, user)).catch(() => callback(new Error('down')));",
    "cleanup error not read": """
        client.query(email, (err, rows) => { client.end((endError) => {}); if (err) return callback(err); callback(null, rows); });
    """,
    "error handed on whole": "client.query(email, (err, rows) => callback(err, rows));",
    "error asserted": "client.query(email, (err, rows) => { fail(err); callback(null, rows); }); function fail(e) { if (e) log(e); }",
    "throw in foreach of a handler": """
        fetch(email).then((rows) => { rows.forEach((row) => { if (!row) throw new Error('x'); }); callback(null, rows); }).catch(callback);
    """,
    "throw in try in a callback": """
        client.query(email, (err, rows) => {
          if (err) return callback(err);
          let user;
          try { if (!rows[0]) throw new Error('none'); user = rows[0]; } catch (e) { return callback(e); }
          callback(null, user);
        });
    """,
    "log and return": """
        client.query(email, (err, rows) => { if (err) { console.error(err); return callback(err); } callback(null, rows); });
    """,
}

RIGHT |= {
    "promisified": "const query = promisify(db.query); query(email).then((r) => callback(null, r[0]), callback);",
    "table of answers": """
        const answers = { 200: (body) => callback(null, body), 401: () => callback(new WrongUsernameOrPasswordError(email)) };
        client.get(email, (err, res) => {
          if (err) return callback(err);
          const answer = answers[res.statusCode] || (() => callback(new Error('status')));
          answer(res.body);
        });
    """,
    "settled by whoever comes first": """
        let settled = false;
        const settle = (err, user) => { if (!settled) { settled = true; callback(err, user); } };
        const request = https.get(email, (res) => { res.on('end', () => settle(null, {})); res.on('error', settle); });
        request.on('error', settle);
        request.on('timeout', () => { request.destroy(); settle(new Error('late')); });
    """,
    "counted down": """
        let left = 2;
        const next = () => { left--; if (!left) callback(null); };
        a(next);
        b(next);
    """,
    "answer told by a value": """
        const fail = (message) => { callback(new Error(message)); return null; };
        const user = email ? { user_id: email } : fail('no e-mail');
        if (user) callback(null, user);
    """,
    "update that may fail": """
        db.query(email, (err, user) => {
          if (err) return callback(err);
          db.touch(user.id, (e) => { if (e) console.warn('touch failed', e.message); callback(null, user); });
        });
    """,
    "another function's callback": """
        function map(rows, callback) { return rows.map(callback); }
        db.query(email, (err, rows) => { if (err) return callback(err); callback(null, map(rows, (row) => row.id)); });
    """,
    "token first": """
        function withToken(next) {
          if (global.token) return next(null, global.token);
          request.post({}, (err, res, body) => { if (err) return next(err); global.token = body.token; next(null, body.token); });
        }
        withToken((err, token) => {
          if (err) return callback(err);
          api(token, (e, user) => { if (e) return callback(e); callback(null, user); });
        });
    """,
    "collected in a list": """
        const found = [];
        const next = (err, row) => { found.push(row); if (found.length === 2) callback(null, found); };
        a(next);
        b(next);
    """,
    "collected in each": """
        const found = [];
        ids.forEach((id) => db.query(id, (err, row) => { found.push(err || row); if (found.length === ids.length) callback(null, found); }));
    """,
    "each with a flag": """
        let answered = false;
        rows.forEach((row) => { if (!answered && row.email === email) { answered = true; callback(null, row); } });
        if (!answered) callback(new WrongUsernameOrPasswordError(email));
    """,
    "timer with a flag": """
        let late = false;
        const timer = setTimeout(() => { late = true; callback(new Error('late')); }, 5000);
        db.query(email, (err, row) => { if (late) return; clearTimeout(timer); callback(err, row); });
    """,
    "timer or request": """
        if (configuration.SLOW) setTimeout(() => callback(null, {}), 10);
        else db.query(email, callback);
    """,
    "once": "callback = once(callback); a((e) => callback(e)); b((e) => callback(e));",
    "stream": """
        const found = [];
        const rows = db.stream(email);
        rows.on('data', (row) => found.push(row));
        rows.on('error', (e) => callback(e));
        rows.on('end', () => callback(null, found[0]));
    """,
}

RIGHT_ASYNC = {
    "try and catch": """
        try {
          const user = await find(email);
          if (!user) return callback(new WrongUsernameOrPasswordError(email));
          return callback(null, user);
        } catch (err) {
          return callback(err);
        }
    """,
    "try, catch and finally": """
        const client = new Client();
        try {
          await client.connect();
          const { rows } = await client.query(email);
          return callback(null, rows[0]);
        } catch (err) {
          return callback(err);
        } finally {
          await client.end();
        }
    """,
    "answer after try": """
        let user;
        try { user = await find(email); } catch (err) { return callback(err); }
        return callback(null, user);
    """,
    "retry loop": """
        for (let attempt = 1; attempt <= 3; attempt++) {
          try {
            const user = await find(email);
            return callback(null, user);
          } catch (err) {
            if (attempt === 3) return callback(err);
          }
        }
    """,
    "caught by itself": """
        const user = await find(email).catch((err) => { console.error(err.message); return null; });
        if (!user) return callback(new WrongUsernameOrPasswordError(email));
        callback(null, user);
    """,
    "nested try": """
        try {
          let extra = {};
          try { extra = await more(email); } catch (err) { console.warn(err.message); }
          callback(null, { user_id: email, ...extra });
        } catch (err) {
          callback(err);
        }
    """,
    "helper awaited": """
        async function answer(user) { await log(user); callback(null, user); }
        try { await answer(await find(email)); } catch (err) { callback(err); }
    """,
    "fire and forget, caught": """
        try {
          const user = await find(email);
          touch(user.id).catch((err) => console.warn(err.message));
          return callback(null, user);
        } catch (err) {
          return callback(err);
        }
    """,
    "all settled": """
        const [user] = await Promise.allSettled([find(email)]);
        if (user.status === 'rejected') return callback(user.reason);
        callback(null, user.value);
    """,
}

WRONG = {
    "never": ("const user = { user_id: email };", ["DB201"]),
    "empty": ("", ["DB201"]),
    "bare return": ("if (!email) return; callback(null, { user_id: email });", ["DB201"]),
    "if without else": ("if (email) { callback(null, { user_id: email }); }", ["DB201"]),
    "return of another value": ("if (!email) { return new Error('x'); } callback(null, {});", ["DB201"]),
    "branch of a continuation": (
        "client.query(email, (err, rows) => { if (err) return callback(err); if (rows.length) callback(null, rows[0]); });",
        ["DB201"],
    ),
    "nested continuation": (
        """
        client.query(email, (err, rows) => {
          if (err) return callback(err);
          bcrypt.compare(password, rows[0].hash, (err, same) => {
            if (err) return callback(err);
            if (same) return callback(null, rows[0]);
          });
        });
        """,
        ["DB201"],
    ),
    "error only returned": (
        "client.query(email, (err, rows) => { if (err) return err; callback(null, rows[0]); });",
        ["DB201"],
    ),
    "catch only logs": (
        "fetch(email).then((user) => callback(null, user)).catch((err) => { console.error(err); });",
        ["DB201"],
    ),
    "then with a bare return": (
        "fetch(email).then((user) => { if (!user) return; callback(null, user); }).catch((err) => callback(err));",
        ["DB201"],
    ),
    "sync catch only logs": (
        "try { const user = JSON.parse(email); callback(null, user); } catch (err) { console.error(err); }",
        ["DB201"],
    ),
    "switch without default": (
        "switch (email) { case 'a': return callback(null, {}); case 'b': callback(new Error('b')); break; }",
        ["DB201"],
    ),
    "loop may not run": ("for (const user of global.users) { return callback(null, user); }", ["DB201"]),
    "helper forgets": (
        """
        function finish(err, user) { if (err) { callback(err); } else if (user) { callback(null, user); } }
        client.query(email, (err, rows) => { finish(err, rows && rows[0]); });
        """,
        ["DB201"],
    ),
    "helper with the callback forgets": (
        """
        check(email, callback);
        function check(who, cb) { client.query(who, (err, rows) => { if (err) cb(err); else if (rows[0]) cb(null, rows[0]); }); }
        """,
        ["DB201"],
    ),
    "event connect forgets": (
        "connection.on('connect', (err) => { if (err) { console.log(err); return; } callback(null, {}); }); connection.connect();",
        ["DB201"],
    ),
    "else if chain without else": (
        """
        client.get(email, (err, res) => {
          if (err) callback(err);
          else if (res.status === 200) callback(null, res.body);
          else if (res.status === 401) callback(new WrongUsernameOrPasswordError(email));
        });
        """,
        ["DB201"],
    ),
    "missing return": (
        "client.query(email, (err, rows) => { if (err) { callback(err); } callback(null, rows[0]); });",
        ["DB202"],
    ),
    "missing return before a request": (
        "if (!email) callback(new Error('x')); client.query(email, (err, rows) => { callback(err, rows); });",
        ["DB202"],
    ),
    "answer beside a request": (
        "client.query(email, (err, rows) => { callback(err, rows); }); callback(null, {});",
        ["DB202"],
    ),
    "in a loop": (
        "for (const user of global.users) { if (user.email === email) callback(null, user); } ",
        ["DB201", "DB202"],
    ),
    "after a loop": (
        "for (const user of global.users) { if (user.email === email) { callback(null, user); } } callback(new Error('none'));",
        ["DB202"],
    ),
    "switch falls through": (
        "switch (email) { case 'a': callback(null, {}); default: callback(new Error('x')); }",
        ["DB202"],
    ),
    "in finally": (
        "try { callback(null, JSON.parse(email)); } catch (err) { callback(err); } finally { callback(null); }",
        ["DB202"],
    ),
    "two handlers of a chain": (
        "fetch(email).then((user) => callback(null, user)).then(() => callback(null)).catch(callback);",
        ["DB202"],
    ),
    "finally of a chain": (
        "fetch(email).then((user) => callback(null, user)).catch(callback).finally(() => callback(null));",
        ["DB202"],
    ),
    "helper and call": (
        """
        const fail = (message) => callback(new Error(message));
        client.query(email, (err, rows) => { if (err) fail(err.message); callback(null, rows[0]); });
        """,
        ["DB202"],
    ),
    "handed on twice": ("client.query(email, callback); client.end(callback);", ["DB202"]),
    "throw after the answer, caught": (
        "try { if (!email) { callback(new Error('x')); throw new Error('x'); } callback(null, {}); } catch (err) { callback(err); }",
        ["DB202"],
    ),
    "error ignored": ("client.query(email, (err, rows) => { callback(null, rows[0]); });", ["DB203"]),
    "error only logged": (
        "client.query(email, (err, rows) => { if (err) console.error(err); callback(null, rows[0]); });",
        ["DB203"],
    ),
    "error only logged in a block": (
        "client.query(email, (err, rows) => { if (err) { console.log('failed', err.message); } callback(null, rows[0]); });",
        ["DB203"],
    ),
    "no catch": ("fetch(email).then((user) => callback(null, user));", ["DB203"]),
    "no catch, finally": (
        "client.query(email).then((user) => callback(null, user)).finally(() => client.end());",
        ["DB203"],
    ),
    "returned, no catch": ("return fetch(email).then((user) => callback(null, user));", ["DB203"]),
    "immediate async function": (
        "(async () => { const user = await fetch(email); callback(null, user); })();",
        ["DB203"],
    ),
    "async helper not awaited": (
        "async function run() { const user = await find(email); callback(null, user); } run();",
        ["DB203"],
    ),
    "async callback": (
        "client.query(email, async (err, rows) => { if (err) return callback(err); await touch(rows); callback(null, rows); });",
        ["DB203"],
    ),
    "throw in a callback": (
        "client.query(email, (err, rows) => { if (err) throw err; callback(null, rows); });",
        ["DB205"],
    ),
    "throw in a nested iteration of a callback": (
        "client.query(email, (err, rows) => { if (err) return callback(err); rows.forEach((r) => { if (!r) throw new Error('x'); }); callback(null, rows); });",
        ["DB205"],
    ),
    "throw in an event": (
        "client.on('error', (err) => { throw err; }); client.query(email, callback);",
        ["DB205"],
    ),
    "throw in a timer": (
        "setTimeout(() => { throw new Error('late'); }, 5000); client.query(email, callback);",
        ["DB205"],
    ),
    "throw in a callback inside a promise": (
        """
        new Promise((resolve, reject) => { client.query(email, (err, rows) => { if (err) throw err; resolve(rows); }); })
          .then((rows) => callback(null, rows)).catch(callback);
        """,
        ["DB205"],
    ),
}

WRONG_ASYNC = {
    "no try": ("const user = await find(email); callback(null, user);", ["DB203"]),
    "throw without try": ("if (!email) throw new Error('x'); callback(null, {});", ["DB203"]),
    "await before try": (
        "const client = await connect(); try { callback(null, await client.find(email)); } catch (err) { callback(err); }",
        ["DB203"],
    ),
    "catch swallows": (
        "try { const user = await find(email); callback(null, user); } catch (err) { console.error(err); }",
        ["DB201"],
    ),
    "no answer for nobody": (
        "try { const user = await find(email); if (user) { return callback(null, user); } } catch (err) { return callback(err); }",
        ["DB201"],
    ),
    "answer after catch": (
        "let user; try { user = await find(email); } catch (err) { callback(err); } callback(null, user);",
        ["DB202"],
    ),
    "try and finally only": (
        "try { const user = await find(email); callback(null, user); } finally { client.end(); }",
        ["DB203"],
    ),
    "floating request": (
        "const axios = require('axios'); axios.post(configuration.URL, { email }); callback(null, { user_id: email });",
        ["DB203"],
    ),
}


WRONG |= {
    "timer and request": (
        """
        const timer = setTimeout(() => callback(new Error('late')), 5000);
        db.query(email, (err, row) => { clearTimeout(timer); if (err) return callback(err); callback(null, row); });
        """,
        ["DB202"],
    ),
    "each": ("rows.forEach((row) => { if (row.email === email) callback(null, row); });", ["DB201", "DB202"]),
    "answer and go on": (
        "a((e, x) => { if (e) callback(e); b(x, (e2, y) => { if (e2) return callback(e2); callback(null, y); }); });",
        ["DB202"],
    ),
    "rows only logged": (
        """
        pool.getConnection((err, c) => {
          if (err) return callback(err);
          c.query(email, (e, rows) => { c.release(); if (e) return callback(e); rows.forEach((r) => console.log(r)); });
        });
        """,
        ["DB201"],
    ),
    "inner chain without catch": (
        "find(email).then((u) => { touch(u).then(() => callback(null, u)); }).catch(callback);",
        ["DB203"],
    ),
    "async listener": ("c.on('connect', async () => { const r = await q(email); callback(null, r); });", ["DB203"]),
    "async each": (
        "rows.forEach(async (row) => { await touch(row); }); callback(null, rows);",
        ["DB203"],
    ),
    "answer, then throw to catch": (
        "find(email).then((u) => { if (!u) { callback(new Error('x')); throw new Error('x'); } callback(null, u); }).catch((e) => callback(e));",
        ["DB202"],
    ),
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT.keys())
def test_right_script_is_left_alone(body: str) -> None:
    assert codes(body) == []


@pytest.mark.parametrize("body", RIGHT_ASYNC.values(), ids=RIGHT_ASYNC.keys())
def test_right_async_script_is_left_alone(body: str) -> None:
    assert codes(body, "async function login(email, password, callback)") == []


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG.keys())
def test_wrong_script_is_named(body: str, expected: list[str]) -> None:
    assert codes(body) == expected


@pytest.mark.parametrize(("body", "expected"), WRONG_ASYNC.values(), ids=WRONG_ASYNC.keys())
def test_wrong_async_script_is_named(body: str, expected: list[str]) -> None:
    assert codes(body, "async function login(email, password, callback)") == expected

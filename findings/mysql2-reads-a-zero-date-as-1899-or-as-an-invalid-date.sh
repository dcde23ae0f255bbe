#!/bin/bash
# One would guess: mysql2 reads one column the same way whether it is asked by query() or by execute(), and the date
# 0000-00-00, with which old schemas say "never", as null.
# What happens: execute() gives an Invalid Date; query() gives one too for a DATETIME, but the last day of November 1899 for
# a DATE. Both are objects, so `if (row.verified_on)` is true for those who were never verified. MariaDB's driver gives null.
# What it means for custom database connections: email_verified that is made from a date is true for everybody. Let SQL
# decide (verified_on > 0 AS email_verified), or ask for texts (dateStrings).
set -euo pipefail

server=$(PATH="$PATH:/usr/sbin" command -v mariadbd || true)
[ -n "$server" ] || { echo "skipped: needs the Debian package mariadb-server"; exit 0; }

dir=$(mktemp -d)
stop() { [ -z "${pid:-}" ] || { kill "$pid"; wait "$pid" || true; }; rm -rf "$dir"; }
trap stop EXIT
chmod 755 "$dir" && user=$(id -un)
mariadb-install-db --no-defaults --datadir="$dir/data" --skip-test-db --auth-root-authentication-method=normal --user="$user" > "$dir/log"
"$server" --no-defaults --datadir="$dir/data" --socket="$dir/s" --skip-networking --user="$user" 2>> "$dir/log" &
pid=$!
npm install --prefix "$dir" --silent --no-audit --no-fund mysql2@3.24.6 mariadb@3.5.4
for _ in $(seq 300); do [ ! -S "$dir/s" ] || break; sleep 0.1; done
cat > "$dir/ask.cjs" <<'JS'
(async () => {
  const at = { socketPath: process.argv[2], user: 'root' };
  const [mysql2, mariadb] = [await require('mysql2/promise').createConnection(at), await require('mariadb').createConnection(at)];
  await mysql2.query("SET sql_mode = ''");
  await mysql2.query('CREATE DATABASE store');
  await mysql2.query('CREATE TABLE store.users (day date, moment datetime)');
  await mysql2.query("INSERT INTO store.users VALUES ('0000-00-00', '0000-00-00 00:00:00')");
  const sql = 'SELECT day, moment FROM store.users';
  const rows = { query: (await mysql2.query(sql))[0][0], execute: (await mysql2.execute(sql))[0][0], mariadb: (await mariadb.query(sql))[0] };
  await Promise.all([mysql2.end(), mariadb.end()]);
  const say = (value) => (value instanceof Date ? (isNaN(value) ? 'Invalid Date' : 'in ' + value.getFullYear()) : String(value));
  const seen = Object.entries(rows).map(([name, row]) => `${name}: ${say(row.day)}, ${say(row.moment)}`).join('; ');
  console.log('mysql2 3.24.6, mariadb 3.5.4: a DATE and a DATETIME of zeros');
  console.log('expected: query: null, null; execute: null, null; mariadb: null, null');
  console.log('seen:    ', seen);
  process.exit(seen === 'query: in 1899, Invalid Date; execute: Invalid Date, Invalid Date; mariadb: null, null' ? 0 : 1);
})();
JS
TZ=UTC node "$dir/ask.cjs" "$dir/s"

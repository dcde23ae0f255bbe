#!/bin/bash
# One would guess: a hash in the standard text form of Argon2 is read by every Argon2 library, whatever wrote it.
# What happens: npm's argon2 writes $m=..,t=..,p=.. up to 0.44, and $m=..,p=..,t=.. (the alphabet's order) in 0.45. The
# reference code, and with it Python's argon2-cffi (Django, passlib), reads the first order only: "Decoding failed".
# npm's own verify reads both, so tests that stay within Node see nothing.
# What it means for custom database connections: a create or change_password script with argon2 0.45 writes passwords into
# the shared user table that log in through Auth0 and no longer in the old application. Stay on 0.44 while it is in use.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m pip install -qq --target "$dir/python" argon2-cffi==25.1.0
export PYTHONPATH="$dir/python"
seen=""
for version in 0.44.0 0.45.1; do
  npm install --prefix "$dir/$version" --silent --no-audit --no-fund "argon2@$version"
  hash=$(cd "$dir/$version" && node -e "
    const argon2 = require('argon2');
    argon2.hash('secret', { memoryCost: 1024, timeCost: 2, parallelism: 1 })
      .then(async (hash) => console.log((await argon2.verify(hash, 'secret')) ? hash : 'not verified'));")
  answer=$(python3 -c "
import sys, argon2
try:
    print(argon2.PasswordHasher().verify(sys.argv[1], 'secret'))
except argon2.exceptions.VerificationError as error:
    print(error)" "$hash")
  echo "npm argon2 $version writes ${hash:0:36}..., argon2-cffi 25.1.0 says: $answer"
  seen="$seen$(cut -d'$' -f4 <<< "$hash") $answer; "
done
echo "expected: True for both"
echo "seen:     $seen"
[ "$seen" = "m=1024,t=2,p=1 True; m=1024,p=1,t=2 Decoding failed; " ]

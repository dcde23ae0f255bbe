#!/bin/bash
# One would guess: Auth0's own clients repeat a request after 429, and one that creates something after nothing else: a
# gateway's 502 does not say whether the connection was created. And a 409, "exists already", is final.
# What happens: both send the POST again after 502, without a word. The Python client does so after 409 too, three times in
# all, and raises only then. The Node client leaves 409 alone.
# What it means for custom database connections: after a 502 behind which the work was done, a deploy ends with "a connection
# with this name exists", of the one it has just made. Set the retries to 0 for writes, and find out by reading.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m pip install -qq --target "$dir/python" auth0-python==6.8.0
export PYTHONPATH="$dir/python"
npm install --prefix "$dir" --silent --no-audit --no-fund auth0@7.1.0
cat > "$dir/ask.cjs" <<'JS'
let posts = 0;
globalThis.fetch = async () => {
  posts += 1;
  const status = posts === 1 ? Number(process.argv[2]) : 201;
  return new Response('{"id":"con_1"}', { status, headers: { 'content-type': 'application/json' } });
};
const { ManagementClient } = require('auth0');
new ManagementClient({ domain: 'tenant.test', token: 't' }).connections
  .create({ name: 'users', strategy: 'auth0' }).catch(() => 0).then(() => console.log(posts));
JS
cat > "$dir/ask.py" <<'PY'
import sys, httpx
from auth0.management import Auth0
posts = []
def answer(request):
    posts.append(request)
    always = sys.argv[1] == "409"
    return httpx.Response(int(sys.argv[1]) if always or len(posts) == 1 else 201, json={"id": "con_1"})
client = httpx.Client(transport=httpx.MockTransport(answer))
try:
    Auth0(base_url="https://tenant.test/api/v2", token="t", httpx_client=client).connections.create(name="users", strategy="auth0")
except Exception as error:
    print(type(error).__name__, file=sys.stderr)
print(len(posts))
PY
seen="node 502: $(node "$dir/ask.cjs" 502), node 409: $(node "$dir/ask.cjs" 409)"
seen="$seen, python 502: $(python3 "$dir/ask.py" 502), python 409: $(python3 "$dir/ask.py" 409)"
echo "auth0 7.1.0 (npm), auth0-python 6.8.0: how often one create() sends its POST"
echo "expected: node 502: 1, node 409: 1, python 502: 1, python 409: 1"
echo "seen:     $seen"
[ "$seen" = "node 502: 2, node 409: 1, python 502: 2, python 409: 3" ]

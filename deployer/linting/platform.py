"""Lists what Auth0's script runtime has: Node's own modules, and the npm modules that need no pin to be there."""

from deployer.linting.identifiers import name_set

NODE_MODULES = name_set(
    "assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram "
    "diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector module net os "
    "path path/posix path/win32 perf_hooks process punycode querystring readline readline/promises repl stream "
    "stream/promises stream/web string_decoder sys timers timers/promises tls trace_events tty url util "
    "util/types v8 vm wasi worker_threads zlib"
)
"""Node.js 18: https://nodejs.org/docs/latest-v18.x/api/"""

RUNTIME_MODULES = name_set(
    "ajv async auth0 auth0-extension-tools aws-sdk axios azure-storage bcrypt bluebird body-parser boom bunyan "
    "cassandra-driver chai co cookie couchbase crypto-js debug deep-equal easy-pbkdf2 ejs errors express firebase "
    "googleapis got handlebars hapi intercom-client ioredis joi js-yaml jsonwebtoken jwks-rsa keen.io knex ldapjs "
    "lodash loggly lru-cache lru-memoizer mandrill-api mixpanel moment moment-timezone mongodb mongo-getdb "
    "mongojs mongoose mssql mssql-azure ms mysql mysql2 node-fetch node-forge node-uuid nodemailer oauth-1.0a "
    "oracledb parse passport pbkdf2 pg pg-promise postgres promise pubnub q qs ramda raven redis request "
    "request-promise rest rethinkdb s3-upload-stream saml sanitizer semver sendgrid sequelize sharp slack-notify "
    "soap socket.io split2 stormpath stripe superagent tedious tripl twilio uid underscore uuid validator verror "
    "winston xml2js xmldom xpath xtend yamljs zendesk-node-api"
)
"""npm modules that Auth0's runtime has offered without being asked for (https://auth0-extensions.github.io/canirequire)."""


def package_of(name: str) -> str:
    """Return the package of a module: `mysql2` of `mysql2/promise`, `@scope/name` of `@scope/name/part`."""
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


def is_builtin(name: str) -> bool:
    """Return whether it is one of Node's own modules."""
    return name.startswith("node:") or name in NODE_MODULES

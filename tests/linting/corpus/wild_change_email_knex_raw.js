// kind: change_email; expect: DB402
function changeEmail(email, newEmail, verified, callback) {
  const knex = require('knex')({ client: 'pg', connection: configuration.PG_URL, acquireConnectionTimeout: 4000 });
  knex
    .raw(`UPDATE users SET email = '${newEmail}' WHERE email = '${email}'`)
    .timeout(4000)
    .then((result) => callback(null, result.rowCount > 0))
    .catch((err) => callback(err))
    .finally(() => knex.destroy());
}

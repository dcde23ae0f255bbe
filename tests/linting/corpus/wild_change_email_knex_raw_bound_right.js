// kind: change_email; expect: none
function changeEmail(email, newEmail, verified, callback) {
  const knex = require('knex')({ client: 'pg', connection: configuration.PG_URL, acquireConnectionTimeout: 4000 });
  const table = configuration.USERS_TABLE;
  knex
    .raw(`UPDATE ${table} SET email = ?, verified = ${verified ? 'true' : 'false'} WHERE email = ?`, [newEmail, email])
    .timeout(4000)
    .then((result) => callback(null, result.rowCount > 0))
    .catch((err) => callback(err))
    .finally(() => knex.destroy());
}

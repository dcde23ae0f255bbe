// kind: change_email; expect: none
function changeEmail(email, newEmail, verified, callback) {
  const knex = require('knex')({ client: 'pg', connection: configuration.PG_URL, acquireConnectionTimeout: 4000 });
  knex('users')
    .where({ email })
    .update({ email: newEmail, email_verified: verified })
    .timeout(4000)
    .then((count) => callback(null, count > 0))
    .catch((err) => callback(err))
    .finally(() => knex.destroy());
}

// kind: create; expect: none
function create(user, callback) {
  const argon2 = require('argon2');
  const knex = require('knex')({ client: 'pg', connection: configuration.PG_URL, acquireConnectionTimeout: 5000 });
  argon2
    .hash(user.password, { type: argon2.argon2id })
    .then((hash) => knex('users').insert({ email: user.email, username: user.username, hash }).timeout(5000))
    .then(() => callback(null))
    .catch((err) => callback(err.code === '23505' ? new ValidationError('user_exists', 'exists') : err))
    .finally(() => knex.destroy());
}

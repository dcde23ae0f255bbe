// kind: login; expect: DB308
async function login(usernameOrEmail, password, callback) {
  const knex = require('knex')({ client: 'mysql2', connection: configuration.MYSQL_URL, acquireConnectionTimeout: 5000 });
  const bcrypt = require('bcrypt');
  try {
    const account = await knex('accounts').where({ email: usernameOrEmail }).first().timeout(5000);
    if (!account || !(await bcrypt.compare(password, account.encrypted_password))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(null, { ...account, user_id: 'accounts|' + account.id });
  } catch (err) {
    return callback(err);
  } finally {
    await knex.destroy();
  }
}

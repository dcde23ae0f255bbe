// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const knex = require('knex')({ client: 'mysql2', connection: configuration.MYSQL_URL, acquireConnectionTimeout: 5000 });
  const bcrypt = require('bcrypt');
  try {
    const account = await knex('accounts').where('email', usernameOrEmail).first().timeout(5000);
    if (!account || !(await bcrypt.compare(password, account.password))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    delete account.password;
    account.user_id = 'accounts|' + account.id;
    return callback(null, account);
  } catch (err) {
    return callback(err);
  } finally {
    await knex.destroy();
  }
}

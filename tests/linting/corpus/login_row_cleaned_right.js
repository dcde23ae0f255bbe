// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    const { rows } = await client.query('SELECT id, email, name, password FROM users WHERE email = $1', [usernameOrEmail]);
    if (rows.length === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    const { id, password: hash, ...rest } = rows[0];
    if (!(await bcrypt.compare(password, hash))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(null, { user_id: 'app|' + id, ...rest });
  } catch (error) {
    return callback(error);
  } finally {
    await client.end();
  }
}

// kind: login; expect: DB308
async function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    const { rows } = await client.query('SELECT id, email, password_hash FROM users WHERE email = $1', [usernameOrEmail]);
    const user = rows[0];
    if (!user || !(await bcrypt.compare(password, user.password_hash))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(null, {
      user_id: 'app|' + user.id,
      email: user.email,
      metadata: { passwordHash: user.password_hash },
    });
  } catch (error) {
    return callback(error);
  } finally {
    await client.end();
  }
}

// kind: login; expect: DB402
async function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    const found = await client.query(`SELECT id, email, hash FROM users WHERE email = '${usernameOrEmail.toLowerCase()}'`);
    if (found.rowCount === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    const user = found.rows[0];
    const valid = await bcrypt.compare(password, user.hash);
    if (!valid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: 'shop|' + user.id, email: user.email });
  } catch (e) {
    return callback(e);
  } finally {
    await client.end().catch(() => {});
  }
}

// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const TABLE = 'public.accounts';
  const columns = ['id', 'email', 'hash'];
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    const found = await client.query(`SELECT ${columns.join(', ')} FROM ${TABLE} WHERE email = $1`, [usernameOrEmail]);
    if (found.rowCount === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    const user = found.rows[0];
    const valid = await bcrypt.compare(password, user.hash);
    if (!valid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: `${TABLE}|${user.id}`, email: user.email });
  } catch (e) {
    return callback(e);
  } finally {
    client.end().catch(() => {});
  }
}

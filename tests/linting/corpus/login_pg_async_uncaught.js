// kind: login; expect: DB203
async function login(usernameOrEmail, password, callback) {
  const { Pool } = require('pg');
  const bcrypt = require('bcrypt');
  const pool = new Pool({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 4000, query_timeout: 4000 });

  const result = await pool.query('SELECT id, email, hash FROM users WHERE email = $1', [usernameOrEmail]);
  await pool.end();
  if (!result.rows.length) {
    return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
  }
  const ok = await bcrypt.compare(password, result.rows[0].hash);
  if (!ok) {
    return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
  }
  callback(null, { user_id: 'app|' + result.rows[0].id, email: result.rows[0].email });
}

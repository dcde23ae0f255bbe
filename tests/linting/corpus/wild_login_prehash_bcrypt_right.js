// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const crypto = require('crypto');
  const bcrypt = require('bcrypt');
  const { Pool } = require('pg');
  try {
    global.db = global.db || new Pool({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 3000, query_timeout: 3000 });
    const { rows } = await global.db.query('SELECT id, email, hash FROM users WHERE email = $1', [usernameOrEmail]);
    if (!rows.length) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    // bcrypt cuts after 72 bytes, so the store hashes long passwords first.
    const prehashed = crypto.createHash('sha256').update(password).digest('base64');
    const same = await bcrypt.compare(prehashed, rows[0].hash);
    if (!same) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: 'app|' + rows[0].id, email: rows[0].email });
  } catch (e) {
    return callback(e);
  }
}

// kind: get_user; expect: DB305; migration: trickle; with: login_profile_partner_right
async function getUser(email, callback) {
  const { Pool } = require('pg');
  global.pgPool = global.pgPool || new Pool({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, statement_timeout: 5000 });
  try {
    const { rows } = await global.pgPool.query('SELECT id, email, name FROM users WHERE email = $1', [email]);
    if (rows.length === 0) return callback(null);
    return callback(null, { user_id: 'legacy|' + rows[0].id, email: rows[0].email, name: rows[0].name });
  } catch (err) {
    return callback(err);
  }
}

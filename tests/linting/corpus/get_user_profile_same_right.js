// kind: get_user; expect: none; migration: trickle; with: login_profile_partner_right; guards: mark-migrated
async function getUser(email, callback) {
  const { Pool } = require('pg');
  global.pgPool = global.pgPool || new Pool({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, statement_timeout: 5000 });
  const profileOf = (row) => ({
    email: row.email,
    name: row.name,
    user_id: 'users|' + row.id,
  });
  try {
    const { rows } = await global.pgPool.query({
      text: 'SELECT id, email, name FROM users WHERE email = $1',
      values: [email],
    });
    return callback(null, rows.length ? profileOf(rows[0]) : null);
  } catch (err) {
    return callback(err);
  }
}

// kind: get_user; expect: DB404
async function getUser(email, callback) {
  const { Client } = require('pg');
  const client = new Client({
    connectionString: configuration.PG_URL,
    ssl: { rejectUnauthorized: false },
    connectionTimeoutMillis: 5000,
    query_timeout: 5000,
  });
  try {
    await client.connect();
    const { rows } = await client.query('SELECT id, email FROM users WHERE email = $1', [email]);
    if (!rows.length) return callback(null);
    return callback(null, { user_id: 'app|' + rows[0].id, email: rows[0].email });
  } catch (err) {
    return callback(err);
  } finally {
    client.end();
  }
}

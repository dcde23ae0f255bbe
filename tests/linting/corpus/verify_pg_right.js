// kind: verify; expect: none
async function verify(email, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    const { rowCount } = await client.query('UPDATE users SET email_verified = true WHERE email = $1 AND email_verified = false', [email]);
    return callback(null, rowCount > 0);
  } catch (err) {
    return callback(err);
  } finally {
    await client.end();
  }
}

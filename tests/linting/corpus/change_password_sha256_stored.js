// kind: change_password; expect: DB410
async function changePassword(email, newPassword, callback) {
  const crypto = require('crypto');
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  const hash = crypto.createHash('sha256').update(newPassword).digest('base64');
  try {
    await client.connect();
    const { rowCount } = await client.query('UPDATE users SET hash = $1 WHERE email = $2', [hash, email]);
    return callback(null, rowCount > 0);
  } catch (err) {
    return callback(err);
  } finally {
    await client.end();
  }
}

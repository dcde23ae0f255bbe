// kind: change_email; expect: DB402
async function changeEmail(email, newEmail, verified, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    const parts = ["UPDATE users SET email = '", newEmail, "' WHERE email = '", email, "'"];
    const result = await client.query(parts.join(''));
    return callback(null, result.rowCount > 0);
  } catch (err) {
    return callback(err);
  } finally {
    await client.end();
  }
}

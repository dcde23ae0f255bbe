// kind: delete; expect: DB402
async function deleteUser(id, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  const legacyId = id.split('|')[1];
  try {
    await client.connect();
    await client.query(`DELETE FROM users WHERE id = ${legacyId}`);
    return callback(null);
  } catch (err) {
    return callback(err);
  } finally {
    await client.end();
  }
}

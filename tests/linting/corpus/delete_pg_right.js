// kind: delete; expect: none
async function deleteUser(id, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  const legacyId = id.split('|').pop();
  try {
    await client.connect();
    await client.query('DELETE FROM users WHERE id = $1', [legacyId]);
    return callback(null);
  } catch (err) {
    return callback(err);
  } finally {
    await client.end();
  }
}

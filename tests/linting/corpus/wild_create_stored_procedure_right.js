// kind: create; expect: none
async function create(user, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    await client.query('CALL register_user($1, $2, $3)', [user.email, user.username, user.password]);
    callback(null);
  } catch (err) {
    callback(err);
  } finally {
    client.end();
  }
}

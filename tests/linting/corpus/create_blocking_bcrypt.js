// kind: create; expect: DB506
async function create(user, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const hash = bcrypt.hashSync(user.password, 12);
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    await client.query('INSERT INTO users (email, hash) VALUES ($1, $2)', [user.email, hash]);
    return callback(null);
  } catch (err) {
    return callback(err);
  } finally {
    await client.end();
  }
}

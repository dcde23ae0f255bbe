// kind: create; expect: DB410
async function create(user, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    await client.query('INSERT INTO users (email, password) VALUES ($1, $2)', [user.email, user.password]);
    return callback(null);
  } catch (err) {
    if (err.code === '23505') return callback(new ValidationError('user_exists', 'exists'));
    return callback(err);
  } finally {
    await client.end();
  }
}

// kind: get_user; expect: DB202
function getUser(email, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect((err) => {
    if (err) return callback(err);
    client.query('SELECT id, email FROM users WHERE email = $1', [email], (err, result) => {
      client.end();
      if (err) return callback(err);
      for (const row of result.rows) {
        callback(null, { user_id: 'app|' + row.id, email: row.email });
      }
      callback(null);
    });
  });
}

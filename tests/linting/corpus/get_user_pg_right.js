// kind: get_user; expect: none
function getUser(email, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect((err) => {
    if (err) return callback(err);
    client.query('SELECT id, email, name FROM users WHERE email = $1', [email], (err, result) => {
      client.end();
      if (err) return callback(err);
      if (result.rows.length === 0) return callback(null);
      const user = result.rows[0];
      return callback(null, { user_id: 'app|' + user.id, email: user.email, name: user.name });
    });
  });
}

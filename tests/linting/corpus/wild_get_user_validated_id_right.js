// kind: get_user; expect: none
function getUser(email, callback) {
  const { Client } = require('pg');
  const EMAIL = /^[a-z0-9._%+-]+@[a-z0-9.-]+$/;
  const address = email.toLowerCase();
  if (!EMAIL.test(address)) return callback(null);
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect((err) => {
    if (err) return callback(err);
    client.query(`SELECT id, email FROM users WHERE email = '${address}'`, (err, result) => {
      client.end();
      if (err) return callback(err);
      if (!result.rows.length) return callback(null);
      callback(null, { user_id: 'app|' + result.rows[0].id, email: result.rows[0].email });
    });
  });
}

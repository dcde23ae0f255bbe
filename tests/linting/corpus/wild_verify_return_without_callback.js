// kind: verify; expect: DB201
function verify(email, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect(function (err) {
    if (err) return callback(err);
    client.query('UPDATE users SET verified = true WHERE email = $1', [email], function (err, result) {
      client.end();
      if (err) {
        return;
      }
      callback(null, result.rowCount > 0);
    });
  });
}

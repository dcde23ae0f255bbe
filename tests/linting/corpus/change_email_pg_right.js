// kind: change_email; expect: none
function changeEmail(email, newEmail, verified, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect((err) => {
    if (err) return callback(err);
    client.query(
      'UPDATE users SET email = $1, email_verified = $2 WHERE email = $3',
      [newEmail, verified, email],
      (err, result) => {
        client.end();
        if (err && err.code === '23505') return callback(new ValidationError('user_exists', 'The address is taken'));
        if (err) return callback(err);
        callback(null, result.rowCount > 0);
      }
    );
  });
}

// kind: login; expect: DB410
function login(usernameOrEmail, password, callback) {
  const crypto = require('crypto');
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });

  client.connect((err) => {
    if (err) return callback(err);
    client.query('SELECT id, email, salt, derived FROM users WHERE email = $1', [usernameOrEmail], (err, result) => {
      client.end();
      if (err) return callback(err);
      if (result.rowCount === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      const user = result.rows[0];
      crypto.pbkdf2(password, user.salt, 1000, 32, 'sha256', (err, key) => {
        if (err) return callback(err);
        if (key.toString('hex') !== user.derived) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        callback(null, { user_id: 'store|' + user.id, email: user.email });
      });
    });
  });
}

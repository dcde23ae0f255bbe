// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const crypto = require('crypto');
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  const PASSWORD_ITERATIONS = 210000;
  const PASSWORD_DIGEST = 'sha512';

  client.connect((err) => {
    if (err) return callback(err);
    client.query('SELECT id, email, salt, derived FROM users WHERE email = $1', [usernameOrEmail], (err, result) => {
      client.end();
      if (err) return callback(err);
      if (result.rowCount === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      const { id, email, salt, derived } = result.rows[0];
      const expected = Buffer.from(derived, 'base64');
      crypto.pbkdf2(password, Buffer.from(salt, 'base64'), PASSWORD_ITERATIONS, expected.length, PASSWORD_DIGEST, (err, actual) => {
        if (err) return callback(err);
        if (!crypto.timingSafeEqual(actual, expected)) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        callback(null, { user_id: 'store|' + id, email });
      });
    });
  });
}

// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const crypto = require('crypto');
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect((err) => {
    if (err) return callback(err);
    client.query('SELECT id, email, salt, derived FROM users WHERE email = $1', [usernameOrEmail], (err, result) => {
      client.end();
      if (err) return callback(err);
      const [row] = result.rows;
      if (!row) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      crypto.scrypt(password, row.salt, 64, (err, key) => {
        if (err) return callback(err);
        const known = Buffer.from(row.derived, 'hex');
        if (key.length !== known.length || !crypto.timingSafeEqual(key, known)) {
          return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        }
        return callback(null, { user_id: 'kdf|' + row.id, email: row.email });
      });
    });
  });
}

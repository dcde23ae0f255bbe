// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect((err) => {
    if (err) return callback(err);
    client.query('SELECT id, email, name, hash FROM users WHERE email = $1', [usernameOrEmail], (err, result) => {
      client.end();
      if (err) return callback(err);
      if (result.rows.length === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      const user = result.rows[0];
      bcrypt.compare(password, user.hash, (err, same) => {
        if (err) return callback(err);
        if (!same) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        callback(null, { user_id: 'users|' + user.id, email: user.email, name: user.name });
      });
    });
  });
}

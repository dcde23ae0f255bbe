// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  function find(sql, values, done) {
    const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
    client.connect((err) => {
      if (err) return done(err);
      client.query(sql, values, (err, result) => {
        client.end();
        done(err, err ? null : result.rows[0]);
      });
    });
  }
  const column = usernameOrEmail.includes('@') ? 'email' : 'username';
  find(`SELECT id, email, hash FROM users WHERE ${column} = $1`, [usernameOrEmail], (err, user) => {
    if (err) return callback(err);
    if (!user) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    bcrypt.compare(password, user.hash, (err, same) => {
      if (err) return callback(err);
      if (!same) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      callback(null, { user_id: 'app|' + user.id, email: user.email });
    });
  });
}

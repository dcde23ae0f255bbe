// kind: login; expect: DB402
function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');

  function where(column, value) {
    return column + " = '" + value + "'";
  }
  function find(condition, done) {
    const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
    client.connect((err) => {
      if (err) return done(err);
      client.query('SELECT id, email, hash FROM users WHERE ' + condition, (err, result) => {
        client.end();
        if (err) return done(err);
        done(null, result.rows[0]);
      });
    });
  }
  const column = usernameOrEmail.indexOf('@') > 0 ? 'email' : 'username';
  find(where(column, usernameOrEmail), (err, user) => {
    if (err) return callback(err);
    if (!user) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    bcrypt.compare(password, user.hash, (err, same) => {
      if (err) return callback(err);
      if (!same) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      callback(null, { user_id: 'app|' + user.id, email: user.email });
    });
  });
}

// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });

  function finish(error, profile) {
    client.end(() => {
      if (error) {
        callback(error);
      } else {
        callback(null, profile);
      }
    });
  }

  const wrong = () => finish(new WrongUsernameOrPasswordError(usernameOrEmail, 'Wrong email or password'));

  function toProfile(row) {
    const profile = { user_id: 'app|' + row.id, email: row.email };
    profile.email_verified = row.verified === true;
    return profile;
  }

  client.connect((err) => {
    if (err) return finish(err);
    client.query('SELECT id, email, verified, hash FROM users WHERE email = $1', [usernameOrEmail], (err, result) => {
      if (err) return finish(err);
      if (!result.rows.length) return wrong();
      const row = result.rows[0];
      bcrypt.compare(password, row.hash, (err, same) => {
        if (err) return finish(err);
        return same ? finish(null, toProfile(row)) : wrong();
      });
    });
  });
}

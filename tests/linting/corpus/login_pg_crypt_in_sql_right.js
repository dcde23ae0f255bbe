// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 3000, query_timeout: 5000 });

  client
    .connect()
    .then(() =>
      client.query('SELECT id, email FROM users WHERE email = $1 AND password = crypt($2, password)', [usernameOrEmail, password])
    )
    .then((result) => {
      client.end();
      if (result.rows.length === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      callback(null, { user_id: 'pgcrypto|' + result.rows[0].id, email: result.rows[0].email });
    })
    .catch((err) => {
      client.end();
      callback(err);
    });
}

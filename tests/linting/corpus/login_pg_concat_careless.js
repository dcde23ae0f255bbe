// kind: login; expect: DB402, DB410, DB203
function login(email, password, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL });
  client.connect();

  const sql = "SELECT * FROM users WHERE email = '" + email + "'";
  client.query(sql, function (err, result) {
    client.end();
    const user = result.rows[0];
    if (!user || user.password !== password) {
      return callback(new WrongUsernameOrPasswordError(email));
    }
    return callback(null, { user_id: 'pg|' + user.id, email: user.email });
  });
}

// kind: login; expect: DB203
function login(usernameOrEmail, password, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect(async (err) => {
    if (err) return callback(err);
    const result = await client.query('SELECT id, email, hash FROM users WHERE email = $1', [usernameOrEmail]);
    await client.end();
    const user = result.rows[0];
    if (!user || !(await bcrypt.compare(password, user.hash))) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: 'app|' + user.id, email: user.email });
  });
}

// kind: login; expect: none; context: yes
async function login(usernameOrEmail, password, context, callback) {
  const { Pool } = require('pg');
  const bcrypt = require('bcrypt');
  const pools = (global.pools = global.pools || {});
  const name = context.connection.name;
  if (!pools[name]) {
    pools[name] = new Pool({ connectionString: configuration.PG_URL, max: 2, connectionTimeoutMillis: 4000, query_timeout: 4000 });
  }
  try {
    const { rows } = await pools[name].query('SELECT id, email, hash FROM users WHERE email = $1', [usernameOrEmail]);
    if (!rows[0] || !(await bcrypt.compare(password, rows[0].hash))) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: name + '|' + rows[0].id, email: rows[0].email });
  } catch (err) {
    return callback(err);
  }
}

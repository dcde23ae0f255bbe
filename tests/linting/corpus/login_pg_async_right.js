// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const { Pool } = require('pg');
  const bcrypt = require('bcrypt');

  try {
    if (!global.pool) {
      global.pool = new Pool({
        connectionString: configuration.PG_URL,
        max: 2,
        connectionTimeoutMillis: 4000,
        statement_timeout: 4000,
      });
    }
    const { rows } = await global.pool.query(
      'SELECT id, email, nickname, password FROM members WHERE lower(email) = lower($1) LIMIT 1',
      [usernameOrEmail]
    );
    if (rows.length !== 1) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail, 'No such member'));
    }
    const member = rows[0];
    if (!(await bcrypt.compare(password, member.password))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail, 'Bad password'));
    }
    return callback(null, {
      user_id: `members|${member.id}`,
      email: member.email,
      nickname: member.nickname,
    });
  } catch (error) {
    return callback(error);
  }
}

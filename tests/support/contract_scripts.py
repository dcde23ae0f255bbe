"""Holds a right script set for the users of the shared PostgreSQL, each script of which a test makes worse."""

# ruff: noqa: E501  (scripts read better on one line)

QUERY = """
  const { Pool } = require('pg');
  if (!global.pool) {
    global.pool = new Pool({ connectionString: configuration.PG_URL, max: 4, connectionTimeoutMillis: 1200, query_timeout: 1200 });
    global.pool.on('error', () => {});
  }
  function query(sql, values, done) {
    global.pool.query(sql, values, (error, result) => {
      if (error) return callback(error.code === '23505' ? new ValidationError('user_exists', 'there') : new Error('store: ' + error.code));
      done(result);
    });
  }
  function profile(row) { return { user_id: 'legacy|' + row.id, email: row.email, email_verified: row.email_verified, metadata: { from: 'store' } }; }
"""


GOOD = {
    "login": "function login(email, password, callback) {" + QUERY + """
  query('SELECT * FROM users WHERE lower(email) = lower($1)', [email], ({ rows }) => {
    if (rows.length === 0 || rows[0].password !== password) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, profile(rows[0]));
  });
}""",
    "get_user": "function getUser(email, callback) {" + QUERY + """
  query('SELECT * FROM users WHERE lower(email) = lower($1)', [email], ({ rows }) => callback(null, rows.length ? profile(rows[0]) : null));
}""",
    "create": "function create(user, callback) {" + QUERY + """
  query('INSERT INTO users (email, password) VALUES ($1, $2)', [user.email, user.password], () => callback(null));
}""",
    "verify": "function verify(email, callback) {" + QUERY + """
  query('UPDATE users SET email_verified = true WHERE lower(email) = lower($1)', [email], ({ rowCount }) => callback(null, rowCount > 0));
}""",
    "change_password": "function changePassword(email, newPassword, callback) {" + QUERY + """
  query('UPDATE users SET password = $2 WHERE lower(email) = lower($1)', [email, newPassword], ({ rowCount }) => callback(null, rowCount > 0));
}""",
    "change_email": "function changeEmail(email, newEmail, verified, callback) {" + QUERY + """
  query('UPDATE users SET email = $2, email_verified = $3 WHERE lower(email) = lower($1)', [email, newEmail, verified], ({ rowCount }) => callback(null, rowCount > 0));
}""",
    "delete": "function deleteUser(id, callback) {" + QUERY + """
  query('DELETE FROM users WHERE id::text = $1', [id.replace('legacy|', '')], () => callback(null));
}""",
}  # fmt: skip

// kind: get_user; expect: DB402, DB201
function getByEmail(email, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect((err) => {
    if (err) return callback(err);
    let sql = 'SELECT id, email, name FROM users';
    sql += " WHERE email = '" + email + "'";
    client.query(sql, (err, result) => {
      client.end();
      if (err) return callback(err);
      if (result.rows.length) {
        const user = result.rows[0];
        callback(null, { user_id: 'app|' + user.id, email: user.email, name: user.name });
      }
    });
  });
}

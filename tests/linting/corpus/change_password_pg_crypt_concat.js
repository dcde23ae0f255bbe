// kind: change_password; expect: DB402
function changePassword(email, newPassword, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.connect(function (err) {
    if (err) return callback(err);
    const sql = `UPDATE users SET password = crypt('${newPassword}', gen_salt('bf')) WHERE email = $1`;
    client.query(sql, [email], function (err, result) {
      client.end();
      if (err) return callback(err);
      callback(null, result.rowCount > 0);
    });
  });
}

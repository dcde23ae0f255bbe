// kind: verify; expect: DB402
function verify(email, callback) {
  const mysql = require('mysql2');
  const connection = mysql.createConnection({ uri: configuration.MYSQL_URL, connectTimeout: 3000 });
  const where = "email = '" + email.trim() + "'";
  const sql = 'UPDATE users SET email_verified = 1 WHERE ' + where;
  connection.query(sql, function (err, results) {
    connection.end();
    if (err) return callback(err);
    callback(null, results.affectedRows > 0);
  });
}

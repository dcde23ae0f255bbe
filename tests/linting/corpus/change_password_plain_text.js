// kind: change_password; expect: DB410
function changePassword(email, newPassword, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  const sql = 'UPDATE users SET password = ? WHERE email = ?';
  connection.query({ sql: sql, timeout: 3000 }, [newPassword, email], function (err, results) {
    connection.end();
    if (err) return callback(err);
    callback(null, results.affectedRows > 0);
  });
}

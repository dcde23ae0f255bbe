// kind: change_password; expect: DB203
function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  bcrypt.hash(newPassword, 10, function (err, hash) {
    connection.query({ sql: 'UPDATE users SET password = ? WHERE email = ?', timeout: 3000 }, [hash, email], function (err, results) {
      connection.end();
      if (err) return callback(err);
      callback(null, results.affectedRows > 0);
    });
  });
}

// kind: change_password; expect: DB410
function changePassword(email, newPassword, callback) {
  const mysql = require('mysql2');
  const db = mysql.createConnection({ uri: configuration.MYSQL_URL, connectTimeout: 4000 });
  db.query({ sql: 'UPDATE users SET password = MD5(?) WHERE email = ?', timeout: 4000 }, [newPassword, email], (err, result) => {
    db.end();
    if (err) return callback(err);
    callback(null, result.affectedRows > 0);
  });
}

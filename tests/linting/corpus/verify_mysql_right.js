// kind: verify; expect: none
function verify(email, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  connection.query({ sql: 'UPDATE users SET email_verified = 1 WHERE email = ?', timeout: 3000 }, [email], function (err, results) {
    connection.end();
    callback(err, err ? undefined : results.changedRows > 0);
  });
}

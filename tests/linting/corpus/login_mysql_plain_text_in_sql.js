// kind: login; expect: DB410
function login(usernameOrEmail, password, callback) {
  const mysql = require('mysql');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });

  const sql = 'SELECT id, email FROM users WHERE email = ? AND password = ?';
  connection.query({ sql, timeout: 5000 }, [usernameOrEmail, password], function (err, results) {
    connection.end();
    if (err) return callback(err);
    if (results.length !== 1) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    callback(null, { user_id: 'forum|' + results[0].id, email: results[0].email });
  });
}

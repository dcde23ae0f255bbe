// kind: login; expect: DB205
function login(usernameOrEmail, password, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });

  connection.query({ sql: 'SELECT id, email, hash FROM users WHERE email = ?', timeout: 5000 }, [usernameOrEmail], function (err, results) {
    connection.end();
    if (err) throw err;
    if (results.length === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    bcrypt.compare(password, results[0].hash, function (err, isValid) {
      if (err) return callback(err);
      if (!isValid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      callback(null, { user_id: 'crm|' + results[0].id, email: results[0].email });
    });
  });
}

// kind: login; expect: DB201
function login(usernameOrEmail, password, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');
  const connection = mysql.createConnection({ host: configuration.HOST, user: configuration.USER, password: configuration.PASS, connectTimeout: 3000 });
  connection.connect();

  connection.query({ sql: 'SELECT id, email, hash FROM users WHERE email = ?', timeout: 5000 }, [usernameOrEmail], function (err, results) {
    connection.end();
    if (err) return callback(err);
    if (results.length > 0) {
      const user = results[0];
      bcrypt.compare(password, user.hash, function (err, isValid) {
        if (err) return callback(err);
        if (!isValid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        callback(null, { user_id: 'crm|' + user.id, email: user.email });
      });
    }
  });
}

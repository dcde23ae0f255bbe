// kind: login; expect: DB202
function login(usernameOrEmail, password, callback) {
  const mysql = require('mysql2');
  const bcrypt = require('bcrypt');
  const connection = mysql.createConnection({ uri: configuration.MYSQL_URL, connectTimeout: 5000 });

  connection.query({ sql: 'SELECT id, email, hash FROM users WHERE email = ?', timeout: 5000 }, [usernameOrEmail], function (err, results) {
    connection.end();
    if (err) {
      callback(err);
    }
    if (!results || results.length === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    const user = results[0];
    bcrypt.compare(password, user.hash, function (err, isValid) {
      if (err) return callback(err);
      if (!isValid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      callback(null, { user_id: 'crm|' + user.id, email: user.email });
    });
  });
}

// kind: login; expect: DB203
function login(usernameOrEmail, password, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');
  const connection = mysql.createConnection(configuration.MYSQL_URL + '?connectTimeout=5000');

  connection.query({ sql: 'SELECT id, email, hash FROM users WHERE email = ?', timeout: 5000 }, [usernameOrEmail], function (err, results) {
    connection.end();
    if (results.length === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    const user = results[0];
    bcrypt.compare(password, user.hash, function (err, isValid) {
      if (!isValid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      callback(null, { user_id: 'crm|' + user.id, email: user.email });
    });
  });
}

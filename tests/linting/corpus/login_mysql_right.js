// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');

  const connection = mysql.createConnection({
    host: configuration.DB_HOST,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
    connectTimeout: 5000,
  });

  connection.connect();
  const query = 'SELECT id, nickname, email, password FROM users WHERE email = ?';

  connection.query({ sql: query, timeout: 5000 }, [usernameOrEmail], function (err, results) {
    connection.end();
    if (err) return callback(err);
    if (results.length === 0) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    const user = results[0];

    bcrypt.compare(password, user.password, function (err, isValid) {
      if (err) return callback(err);
      if (!isValid) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));

      callback(null, {
        user_id: 'mysql|' + user.id.toString(),
        nickname: user.nickname,
        email: user.email,
      });
    });
  });
}
